/**
 * Makes one message of each item of a list. Keeps key, headers and order; each item tells its index and how many there are.
 * Sharp edge: the source's message is safe only when all of its items are, so an item that fails does not undo the others.
 */
import * as z from "zod";
import { expression } from "../fields";
import { defineKind } from "../kind";
import { unknownShape } from "../shape/shape";

const config = z.strictObject({
  items: expression({
    title: "Items",
    help: "A list. Each item becomes the body of a message of its own.",
    placeholder: "body.lines",
    expects: "list",
  }),
});
export type SplitConfig = z.output<typeof config>;

/** Header that tells an item's place in its list, from 0. */
export const splitIndexHeader = "split-index";
/** Header that tells how many items the list had. */
export const splitCountHeader = "split-count";

export const split = defineKind({
  kind: "split",
  version: 1,
  role: "step",
  category: "Transform",
  label: "Split",
  summary: "One message per item",
  icon: "ungroup",
  help: `Makes a message of each item of a list. The item becomes the body; key and headers are those of the message it came in, with \`${splitIndexHeader}\` (from 0) and \`${splitCountHeader}\` added. An empty list makes no message.

To keep something of the whole with each item, build it in the expression: \`body.lines.map(line, {'order': body.id, 'line': line})\`.

**Delivery**: keeps what comes in. Items leave in the order of the list.

**Sharp edge**: items go their ways alone. One may end in the dead letters while the others are written.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  shape({ items }, input, _port, give) {
    const list = give(items, { body: input });
    return list.is === "list" ? list.item : unknownShape;
  },
  subtitle: ({ items }) => items ?? "",
  semantics: () => ({ order: "keeps" }),
  example: {
    config: { items: "body.lines" },
    input: { key: "o-1", body: { id: "o-1", lines: [{ sku: "a" }, { sku: "b" }] } },
    output: [
      { port: "out", body: { sku: "a" } },
      { port: "out", body: { sku: "b" } },
    ],
  },
});
