import type { PlaceKind } from "@/flow/place";
import { type FieldModel, fieldsOf } from "./model";

/** What may be chosen in a line beside the button that makes a place: numbers that are there anyway, like `4 partitions`. */
export function quickOptionsOf(kind: PlaceKind | undefined): readonly FieldModel[] {
  const fields = kind?.create ? fieldsOf(kind.create) : [];
  return fields.filter(({ widget, unit, initial }) => widget === "number" && unit && initial);
}

/** What is chosen when nothing is: `4 partitions`; empty where there is nothing to choose. */
export function describeUsual(kind: PlaceKind | undefined): string {
  return quickOptionsOf(kind)
    .map(({ initial, unit }) => `${initial} ${unit}`)
    .join(", ");
}
