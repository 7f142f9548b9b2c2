import type { PlaceKind } from "@/flow/place";
import { type FieldModel, fieldsOf } from "./model";

/** What may be chosen in a line beside the button that makes a place: numbers that are there anyway, like `4 partitions`. */
export function quickOptionsOf(kind: PlaceKind | undefined): readonly FieldModel[] {
  const fields = kind?.create ? fieldsOf(kind.create) : [];
  return fields.filter(({ widget, unit, initial }) => widget === "number" && unit && initial);
}

/** What a place is made with when a person chooses nothing: `with 4 partitions`, `as stream`; empty where there is nothing to choose. */
export function describeUsual(kind: PlaceKind | undefined, options: Readonly<Record<string, string>> = {}): string {
  const counts = quickOptionsOf(kind).map(({ initial, unit }) => `${initial} ${unit}`);
  const chosen = Object.values(options);
  return [
    ...(counts.length > 0 ? [`with ${counts.join(", ")}`] : []),
    ...(chosen.length > 0 ? [`as ${chosen.join(", ")}`] : []),
  ].join(" ");
}
