import { type FieldShape, mergeShapes, type Shape, unknownShape } from "./shape";

const timePattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
/** Deeper than that, nobody completes a path. */
const maxDepth = 12;
/** Items of a list that are looked at. */
const maxItems = 50;

/** What the samples have in common. Never closed: the next message may have more. Without samples it is unknown. */
export function inferShape(samples: readonly unknown[]): Shape {
  const [first = unknownShape, ...rest] = samples.map((sample) => inferOne(sample, 0));
  return rest.reduce(mergeShapes, first);
}

function inferOne(value: unknown, depth: number): Shape {
  if (value === null || value === undefined) return { is: "null" };
  if (typeof value === "boolean") return { is: "bool" };
  if (typeof value === "number" || typeof value === "bigint") return { is: "number" };
  if (typeof value === "string") return { is: timePattern.test(value) ? "time" : "text" };
  if (depth >= maxDepth || ArrayBuffer.isView(value)) return unknownShape;
  if (Array.isArray(value)) {
    const [first = unknownShape, ...rest] = value.slice(0, maxItems).map((item) => inferOne(item, depth + 1));
    return { is: "list", item: rest.reduce(mergeShapes, first) };
  }
  const fields = Object.entries(value).map(([name, item]): [string, FieldShape] => [
    name,
    { shape: inferOne(item, depth + 1) },
  ]);
  return { is: "object", fields: Object.fromEntries(fields), closed: false };
}
