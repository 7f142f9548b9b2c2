import { ExpressionError } from "./expression";
import { listReads, type MessagePath } from "./expression/reads";
import { type MaskedField, type MaskRole, maskRoles } from "./recorded-fields";

const partPattern = /\.([^.[\]'"\s]+)|\[\*\]|\['([^']+)'\]|\["([^"]+)"\]/y;

/**
 * A path to a masked field: `body.card.number`, `body.items[*].iban`, `headers['x-card']`, `key`, `body`. `[*]` stands for every item of a
 * list; it is left out here, as lists on the way are always gone through. `undefined` when it is none.
 */
export function parseMaskedPath(text: string): MessagePath | undefined {
  const [root] = /^(?:body|key|headers)(?![^.[])/.exec(text) ?? [];
  if (!root) return undefined;
  const path = [root];
  partPattern.lastIndex = root.length;
  while (partPattern.lastIndex < text.length) {
    const part = partPattern.exec(text);
    if (!part) return undefined;
    const name = part[1] ?? part[2] ?? part[3];
    if (name !== undefined) path.push(name);
  }
  if (root === "key" && path.length > 1) return undefined;
  return root === "headers" && path.length !== 2 ? undefined : path;
}

/** Does one of them hold the other? */
function meet(a: MessagePath, b: MessagePath): boolean {
  const names = ([root, ...rest]: MessagePath) => [
    root,
    // Numbers choose items of lists, which are gone through; the case of a header's name says nothing.
    ...rest.filter((name) => !/^\d+$/.test(name)).map((name) => (root === "headers" ? name.toLowerCase() : name)),
  ];
  const [one, other] = [names(a), names(b)];
  return one.slice(0, other.length).every((name, index) => name === other[index]);
}

/** The greatest of the roles that are needed to see all that stands at a place; `null`: everybody sees it. */
export function roleForPath(path: MessagePath, masked: readonly MaskedField[]): MaskRole | null {
  const roles = masked.filter((mask) => meet(parseMaskedPath(mask.path) ?? [], path)).map(({ below }) => below);
  return maskRoles.findLast((role) => roles.includes(role)) ?? null;
}

/** The role that is needed to see what an expression over the message comes to; one that cannot be read counts as reading all. */
export function roleForExpression(source: string, masked: readonly MaskedField[]): MaskRole | null {
  const roles = readsOf(source).map((path) => roleForPath(path, masked));
  return maskRoles.findLast((role) => roles.includes(role)) ?? null;
}

function readsOf(source: string): MessagePath[] {
  try {
    return listReads(source);
  } catch (error) {
    if (error instanceof ExpressionError) return [["body"], ["key"], ["headers"]];
    throw error;
  }
}
