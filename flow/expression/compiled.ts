import type { ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError, type Range } from "./errors";
import { type CelType, nameType, typeOf } from "./values";

export type Scope = Readonly<Record<string, unknown>>;
export const oneHeader = Symbol("one header");
export const oneField = Symbol("one field of the body");

/** A scope that may be able to give one header without the others, and one field of the body without the rest of it. */
export interface PartScope extends Scope {
  readonly [oneHeader]?: (name: string) => string | undefined;
  /** For names that `isPlainField` takes. */
  readonly [oneField]?: (name: string) => unknown;
}

/** Runs a part of an expression. `locals` holds the items of the macros around it. */
export type Run = (scope: Scope, locals: unknown[]) => unknown;

/** A part of an expression, compiled. */
export interface Compiled {
  /** @throws ExpressionError also for an absent field. */
  readonly run: Run;
  /** For a field or an item: the same, but `undefined` when it is absent. */
  readonly lenient?: Run;
  /** What is known of its type before it runs. */
  readonly type: CelType;
  /** Where the type is `dyn`, but never true or false: what it gives, in words. */
  readonly gives?: string | undefined;
  /** How many parts it has: what one run costs. */
  readonly weight: number;
  /** For a map whose fields can be had one by one, without making the others: `undefined` when one is absent. None for names that cannot. */
  readonly fieldOf?: (name: string) => Run | undefined;
  /** For a literal. */
  readonly constant?: { readonly value: unknown };
  readonly range: Range;
  readonly source: string;
}

/** What the compiler of a part may ask for. */
export interface Site {
  readonly source: string;
  readonly variables: readonly string[];
  compile(node: ASTNode): Compiled;
  /** Compiles with a name bound to a slot of the locals. */
  compileWith(name: string, compile: (slot: number) => Compiled): Compiled;
  findLocal(name: string): number | undefined;
}

export function rangeOf(node: ASTNode): Range {
  return { from: node.start, to: node.end };
}

/** The frame of a compiled part: its place and what its parts weigh together. */
export function frame(
  site: Site,
  node: ASTNode,
  parts: readonly Compiled[],
): Pick<Compiled, "range" | "source" | "weight"> {
  return {
    range: rangeOf(node),
    source: site.source.slice(node.start, node.end),
    weight: parts.reduce((sum, part) => sum + part.weight, 1),
  };
}

/** A part that must be true or false, checked now when its type is known, else when it runs. */
export function requireBool(part: Compiled, where: string): Run {
  if (part.type === "bool") return part.run;
  const refuse = (words: string) => {
    const message = `${where} must be true or false; \`${shorten(part.source)}\` is ${words}.`;
    return new ExpressionError("expression-type", message, part.range);
  };
  const never = wordNonBool(part);
  if (never !== undefined) throw refuse(never);
  const { run } = part;
  return (scope, locals) => {
    const value = run(scope, locals);
    if (value === true || value === false) return value;
    throw refuse(nameType(typeOf(value)));
  };
}

/** What a part gives that can never be true or false, in words; `undefined` when it may be. */
export function wordNonBool({ type, gives }: Pick<Compiled, "type" | "gives">): string | undefined {
  if (type === "dyn") return gives;
  return type === "bool" ? undefined : nameType(type);
}

/** The type that both may have. */
export function unify(a: CelType, b: CelType): CelType {
  if (a === b) return a;
  return (a === "int" && b === "double") || (a === "double" && b === "int") ? "double" : "dyn";
}

export function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}
