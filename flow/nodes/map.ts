/**
 * Sets fields of the body, or makes a whole new one. Keeps delivery, order, key and headers.
 * Sharp edge: every expression sees the body as it came in, not what the field above it has just set.
 */
import * as z from "zod";
import { fieldPathPattern, parsePath } from "../body-path";
import { expression, optionalExpression } from "../fields";
import { defineKind } from "../kind";
import type { ProblemDraft } from "../problems";
import { jsonSchemaField } from "../shape/schema-field";
import { setShape } from "../shape/shape";

const config = z.strictObject({
  set: z
    .record(
      z.string().regex(fieldPathPattern, "a field is a name or a path like address.city"),
      expression({ title: "Value", placeholder: "body.price * body.quantity" }),
    )
    .optional()
    .meta({
      title: "Set fields",
      help: "A field or path like `address.city`, and the expression that gives its value. The other fields stay.",
      widget: "assignments",
    }),
  value: optionalExpression({
    title: "Or a whole new body",
    help: "The result becomes the body; `null` makes a tombstone.",
    placeholder: "{'id': body.id, 'total': body.price * body.quantity}",
  }),
  target: jsonSchemaField({
    title: "Target schema",
    help: "What the new body should look like, as JSON Schema. The mapper shows its fields, and which required ones are missing. It does not check messages.",
    placeholder: '{"required": ["id"], "properties": {"id": {"type": "string"}}}',
    advanced: true,
  }),
});
export type MapConfig = z.output<typeof config>;

export const map = defineKind({
  kind: "map",
  version: 1,
  role: "step",
  category: "Transform",
  inSaga: "too",
  label: "Map",
  summary: "Set fields, shape the body",
  icon: "arrow-left-right",
  help: `Changes the body. **Set fields** keeps the body and sets the fields that you name; a path like \`address.city\` reaches into it, and what is missing on the way is made. **A whole new body** replaces it by the result of one expression. Key and headers stay.

**Delivery**: keeps what comes in, in the same order.

**Sharp edge**: every expression sees the body as it came in. Two fields that build on each other need two maps, one behind the other.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  shape({ set, value }, input, _port, give) {
    if (value) return give(value, { body: input });
    return Object.entries(set ?? {}).reduce(
      (shape, [path, source]) => setShape(shape, parsePath(path), give(source, { body: input })),
      input,
    );
  },
  subtitle: ({ set, value }) => (value ? "new body" : Object.keys(set ?? {}).join(", ")),
  check: ({ set, value }): ProblemDraft[] => {
    const sets = Object.keys(set ?? {}).length > 0;
    if (sets && value)
      return [
        {
          code: "config-field-invalid",
          field: "value",
          message: "Set fields or give a whole new body, not both. Clear one of them.",
        },
      ];
    if (!sets && !value)
      return [{ code: "config-field-missing", field: "set", message: "Set a field, or give a whole new body." }];
    return [];
  },
  semantics: () => ({ order: "keeps" }),
  example: {
    config: { set: { total: "body.price * body.quantity" } },
    input: { key: "c-7", body: { id: "o-1", price: 12.5, quantity: 2 } },
    output: [{ port: "out", body: { id: "o-1", price: 12.5, quantity: 2, total: 25 } }],
  },
});
