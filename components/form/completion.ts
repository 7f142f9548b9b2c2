import { type FunctionOwner, functionDocs, writeSignature } from "@/flow/expression/function-docs";
import { readExpressionShape } from "@/flow/shape/expression-shape";
import { inferShape } from "@/flow/shape/infer";
import { closedObject, nameShape, optionsOf, type Shape, unknownShape } from "@/flow/shape/shape";
import type { Scope } from "./environment";

/** A word that could stand at the cursor. */
export interface Suggestion {
  label: string;
  kind: "variable" | "property" | "function";
  /** Its type, and what it holds on the chosen sample; of a function what it takes and gives. */
  detail?: string;
  /** Written instead of the label where they differ. */
  apply?: string;
  info?: string;
}

const text: Shape = { is: "text" };
const number: Shape = { is: "number" };
const metaShape = closedObject({
  source: { shape: text },
  lane: { shape: text },
  position: { shape: text },
  timestamp: { shape: number, doc: "Milliseconds since 1970." },
  attempt: { shape: number },
});
const sagaMeta = closedObject({ saga: { shape: text }, startedAt: { shape: number } });

/**
 * What could stand at the end of the text before the cursor: variables and functions, or behind a dot the fields and methods of what
 * stands before it. `body`: what is known of the body beside the sample. `from` is where the word begins.
 */
export function suggest(
  before: string,
  scope: Scope | null,
  variables: readonly string[],
  body: Shape = unknownShape,
): { from: number; suggestions: Suggestion[] } | null {
  if (isInText(before)) return null;
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
  const from = before.length - word.length;
  const names = shapesOf(scope, variables, body);
  if (before[from - 1] !== "." || /\d\.$/.test(before.slice(0, from))) {
    if (/[\w'")\]]$/.test(before.slice(0, from))) return null;
    const locals = Object.keys(findLocals(before, names)).filter((name) => !variables.includes(name));
    const known = [...locals, ...variables].map(
      (name): Suggestion => ({ label: name, kind: "variable", ...detailOf(names[name], scope?.values[name]) }),
    );
    return { from, suggestions: [...known, ...functionsOn("call")] };
  }
  const owner = ownerBefore(before.slice(0, from - 1));
  if (owner === "math" || owner === "optional") {
    const own = functionsOn("call").filter(({ label }) => label.startsWith(`${owner}.`));
    const cut = (value: string) => value.slice(owner.length + 1);
    return {
      from,
      suggestions: own.map((each) => ({ ...each, label: cut(each.label), apply: cut(each.apply ?? each.label) })),
    };
  }
  if (owner === "") return null;
  const shape = readExpressionShape(owner, { ...names, ...findLocals(before, names) }).shape;
  const value = follow(owner, scope?.values);
  return { from, suggestions: [...fieldsOf(shape, value), ...methodsOf(shape, owner)] };
}

function shapesOf(scope: Scope | null, variables: readonly string[], body: Shape): Record<string, Shape> {
  const seen = scope && "body" in scope.values ? inferShape([scope.values.body]) : unknownShape;
  return Object.fromEntries(
    variables.map((name): [string, Shape] => {
      if (name === "body") return [name, body.is === "unknown" ? seen : body];
      if (name === "meta") return [name, "saga" in ((scope?.values.meta ?? {}) as object) ? sagaMeta : metaShape];
      return [name, name in (scope?.values ?? {}) ? inferShape([scope!.values[name]]) : unknownShape];
    }),
  );
}

function fieldsOf(shape: Shape, value: unknown): Suggestion[] {
  const own = (value ?? {}) as Record<string, unknown>;
  return optionsOf(shape)
    .flatMap((option) => (option.is === "object" ? Object.entries(option.fields) : []))
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, field]) => ({
      label: name,
      kind: "property",
      ...detailOf(field.shape, typeof own === "object" ? own[name] : undefined, field.optional),
      ...(field.doc === undefined ? {} : { info: field.doc }),
    }));
}

const owners: Partial<Record<Shape["is"], FunctionOwner>> = { text: "text", time: "text", list: "list" };

function methodsOf(shape: Shape, owner: string): Suggestion[] {
  if (/^timestamp\(/.test(owner)) return functionsOn("time");
  if (/^duration\(/.test(owner)) return functionsOn("duration");
  // Behind `.?` an optional stands, whose value may be absent.
  if (/\.\?\w+$|\[\?[^\]]*\]$/.test(owner)) return functionsOn("optional");
  return optionsOf(shape).flatMap(({ is }) => (owners[is] ? functionsOn(owners[is]) : []));
}

function functionsOn(on: FunctionOwner): Suggestion[] {
  return functionDocs
    .filter((each) => each.on === on)
    .map((each) => ({
      label: each.name,
      kind: "function",
      detail: `(${each.takes}): ${each.gives}`,
      apply: `${each.name}(${each.takes === "" ? ")" : ""}`,
      info: `${writeSignature(each)}\n${each.doc}`,
    }));
}

/** The expression that ends here: names, fields, calls and indexes, back to where it begins. */
export function ownerBefore(before: string): string {
  let at = before.length;
  while (at > 0) {
    const character = before[at - 1]!;
    if (character === ")" || character === "]") {
      const open = findOpening(before, at - 1);
      if (open < 0) return "";
      at = open;
    } else if (/[\w.?]/.test(character) && !(character === "?" && before[at - 2] !== ".")) at--;
    else break;
  }
  return before.slice(at);
}

function findOpening(before: string, end: number): number {
  let depth = 0;
  let quote = "";
  for (let at = end; at >= 0; at--) {
    const character = before[at]!;
    if (quote !== "") {
      if (character === quote && before[at - 1] !== "\\") quote = "";
    } else if (character === "'" || character === '"') quote = character;
    else if (")]}".includes(character)) depth++;
    else if ("([{".includes(character) && --depth === 0) return at;
  }
  return -1;
}

/** Names that walks like `body.lines.map(line, …` bring, with the shape of an item. */
function findLocals(before: string, names: Readonly<Record<string, Shape>>): Record<string, Shape> {
  const locals: Record<string, Shape> = {};
  for (const walk of before.matchAll(/\.(?:map|filter|all|exists|exists_one)\(\s*([A-Za-z_]\w*)\s*,/g)) {
    const list = readExpressionShape(ownerBefore(before.slice(0, walk.index)), { ...names, ...locals }).shape;
    locals[walk[1]!] = list.is === "list" ? list.item : unknownShape;
  }
  return locals;
}

/** The value of a plain path on the sample. */
function follow(path: string, values: Readonly<Record<string, unknown>> | undefined): unknown {
  if (!/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d+\])*$/.test(path)) return undefined;
  return path
    .split(/\.|\[|\]/)
    .filter(Boolean)
    .reduce<unknown>((owner, part) => (owner as Record<string, unknown> | null | undefined)?.[part], values);
}

function detailOf(shape: Shape | undefined, value: unknown, optional?: true): { detail?: string } {
  const type = shape && shape.is !== "unknown" ? `${nameShape(shape, 1)}${optional ? "?" : ""}` : "";
  const held =
    value === undefined || typeof value === "function" || (typeof value === "object" && value !== null)
      ? ""
      : shorten(value);
  const detail = [type, held].filter((part) => part !== "").join(" · ");
  return detail === "" ? {} : { detail };
}

function shorten(value: unknown): string {
  const written = typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "");
  return written.length > 28 ? `${written.slice(0, 27)}…` : written;
}

/** Does the text end inside of quotes? */
function isInText(before: string): boolean {
  let quote: string | null = null;
  for (let index = 0; index < before.length; index++) {
    const character = before[index]!;
    if (character === "\\") index++;
    else if (quote === null && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = null;
  }
  return quote !== null;
}
