import { type MaskedField, maskRoles } from "@/flow/recorded-fields";
import type { NeighbourView } from "@/server/views";

/** Is a field hidden by these masks from all that the mask hides it from? One of a part that it stands in hides it, too. */
export function isMasked({ path, below }: MaskedField, by: readonly MaskedField[]): boolean {
  return by.some(
    (mask) =>
      (mask.path === path || path.startsWith(`${mask.path}.`)) &&
      maskRoles.indexOf(mask.below) >= maskRoles.indexOf(below),
  );
}

/** Of the flows that the same messages pass through, those that show a field which is masked here. */
export function listShowing(field: MaskedField, neighbours: readonly NeighbourView[]): NeighbourView[] {
  return field.path.trim() === "" ? [] : neighbours.filter(({ masked }) => !isMasked(field, masked));
}

/** The masks with one more; a weaker one of the same path gives way. */
export function addMask(masked: readonly MaskedField[], field: MaskedField): MaskedField[] {
  return [...masked.filter(({ path }) => path !== field.path), field];
}
