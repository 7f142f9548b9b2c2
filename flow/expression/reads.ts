import type { ASTNode } from "@marcbachmann/cel-js";
import { readExpression } from "./read";

/** A place in a message, from its root: `["body", "card", "number"]`. What is under it belongs to it. */
export type MessagePath = readonly string[];

const roots = new Set(["body", "key", "headers", "meta"]);

/**
 * The places of a message that an expression may read; rather too much than too little: where an item is chosen by what the message
 * says, all that it is chosen from. Indexes of lists are left out.
 * @throws ExpressionError for what cannot be read
 */
export function listReads(source: string): MessagePath[] {
  const found: MessagePath[] = [];
  collect(readExpression(source), found);
  return found;
}

function collect(part: unknown, found: MessagePath[]): void {
  if (Array.isArray(part)) {
    for (const each of part) collect(each, found);
    return;
  }
  if (!isNode(part)) return;
  const path = readPath(part);
  if (path) found.push(path.names);
  collect(path ? path.indexes : part.args, found);
}

const isNode = (part: unknown): part is ASTNode => typeof part === "object" && part !== null && "op" in part;

interface Chain {
  readonly names: MessagePath;
  /** Something in it is chosen at run time: it reads all that is there. */
  readonly open: boolean;
  /** Expressions by which items are chosen. */
  readonly indexes: readonly ASTNode[];
}

/** A chain of fields and items, down to a name of the message. */
function readPath(node: ASTNode): Chain | undefined {
  if (node.op === "id") return roots.has(node.args) ? { names: [node.args], open: false, indexes: [] } : undefined;
  if (node.op !== "." && node.op !== ".?" && node.op !== "[]" && node.op !== "[?]") return undefined;
  const [owner, by] = node.args;
  const base = readPath(owner);
  if (!base) return undefined;
  if (typeof by === "string") return base.open ? base : { ...base, names: [...base.names, by] };
  const literal: unknown = by.op === "value" ? by.args : undefined;
  const indexes = literal === undefined ? [...base.indexes, by] : base.indexes;
  if (base.open || literal === undefined) return { ...base, open: true, indexes };
  return typeof literal === "string" ? { ...base, names: [...base.names, literal] } : base;
}
