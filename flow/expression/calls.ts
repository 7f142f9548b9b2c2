import type { ASTNode } from "@marcbachmann/cel-js";
import { findNearest } from "../nearest";
import { spend } from "./budget";
import { type Compiled, frame, type Run, rangeOf, type Site } from "./compiled";
import { ExpressionError, type Range } from "./errors";
import { listFunctionNames } from "./function-docs";
import { type FunctionOverload, findOverloads, takes } from "./function-table";
import "./list-functions";
import "./text-functions";
import "./value-functions";
import { compileHas, compileMacro, compileOptionalCall, isMacro } from "./macros";
import { compilePattern } from "./pattern";
import { makePlain, nameType, Optional, typeOf } from "./values";

const optionalMethods = ["orValue", "or", "hasValue", "value"];
const namespaces = ["math", "optional"];

/** A function, a method, a macro, or a function that the scope brings. */
export function compileCall(
  site: Site,
  node: ASTNode,
  name: string,
  receiver: ASTNode | undefined,
  args: readonly ASTNode[],
): Compiled {
  if (!receiver) {
    if (name === "has") return compileHas(site, node, args.length === 1 ? args[0] : undefined);
    if (site.variables.includes(name)) return compileScopeCall(site, node, name, args);
    return compileFunction(site, node, name, args, false);
  }
  if (receiver.op === "id" && namespaces.includes(receiver.args) && site.findLocal(receiver.args) === undefined) {
    if (receiver.args === "optional") return compileOptionalMaker(site, node, name, args);
    return compileFunction(site, node, `${receiver.args}.${name}`, args, false);
  }
  if (isMacro(name, args.length)) return compileMacro(site, node, name, receiver, args);
  if (optionalMethods.includes(name)) return compileOptionalCall(site, node, name, site.compile(receiver), args);
  return compileFunction(site, node, name, [receiver, ...args], true);
}

/** `pick(['a', 'b'])` where the scope holds a function of that name. It gets and gives plain JSON values. */
function compileScopeCall(site: Site, node: ASTNode, name: string, args: readonly ASTNode[]): Compiled {
  const parts = args.map((arg) => site.compile(arg));
  const common = frame(site, node, parts);
  return {
    ...common,
    type: "dyn",
    run: (scope, locals) => {
      const called = scope[name];
      if (typeof called !== "function") {
        throw new ExpressionError(
          "expression-type",
          `\`${name}\` is a value, not a function: leave out the brackets.`,
          common.range,
        );
      }
      spend(10);
      return (
        (called as (...values: unknown[]) => unknown)(...parts.map((part) => makePlain(part.run(scope, locals), 1))) ??
        null
      );
    },
  };
}

function compileOptionalMaker(site: Site, node: ASTNode, name: string, args: readonly ASTNode[]): Compiled {
  const part = args[0] && site.compile(args[0]);
  const common = frame(site, node, part ? [part] : []);
  if (name === "none" && !part) return { ...common, type: "optional", run: () => Optional.none };
  if (name === "of" && part && args.length === 1) {
    return { ...common, type: "optional", run: (scope, locals) => new Optional(part.run(scope, locals)) };
  }
  throw new ExpressionError(
    "expression-unknown-name",
    "There are `optional.of(value)` and `optional.none()`.",
    common.range,
  );
}

function compileFunction(site: Site, node: ASTNode, name: string, args: readonly ASTNode[], method: boolean): Compiled {
  const range = rangeOf(node);
  const overloads = findOverloads(name, method);
  if (!overloads) throw describeUnknown(site, name, method, range);
  const parts = args.map((arg) => site.compile(arg));
  const common = frame(site, node, parts);
  const fitting = overloads.filter(
    ({ parameters }) =>
      parameters.length === parts.length &&
      parameters.every((parameter, index) => takes(parameter, parts[index]!.type)),
  );
  if (fitting.length === 0) throw describeMisuse(name, overloads, parts, method, range);
  compileLiteralPattern(name, parts);
  const [only] = fitting;
  const type = fitting.every((overload) => overload.result === only?.result) ? (only?.result ?? "dyn") : "dyn";
  const runs = parts.map((part) => part.run);
  // Filled for each message, and empty in between: an evaluation never nests in itself.
  const values = new Array<never>(runs.length);
  const run: Run = (scope, locals) => {
    spend(1);
    try {
      for (let index = 0; index < runs.length; index++) values[index] = runs[index]!(scope, locals) as never;
      for (const overload of fitting) {
        if (takesAll(overload.parameters, values)) return overload.run(values, range);
      }
      const types = values.map((value) => ({ type: typeOf(value) }));
      throw describeMisuse(name, overloads, types, method, range);
    } catch (error) {
      throw locate(error, range);
    } finally {
      values.fill(undefined as never);
    }
  };
  return { ...common, type, run: compileWithLiteral(fitting, parts, range, run) ?? run };
}

/** An error of a function itself gets the place of its call. */
function locate(error: unknown, range: Range): unknown {
  return error instanceof ExpressionError && !error.range
    ? new ExpressionError(error.code, error.message, range)
    : error;
}

/** `key.endsWith('07')`: a text with a literal, as most conditions are. What is no text goes the `general` way. */
function compileWithLiteral(
  fitting: readonly FunctionOverload[],
  parts: readonly Compiled[],
  range: Range,
  general: Run,
): Run | undefined {
  const [text, literal] = parts;
  const [only] = fitting;
  const part = literal?.constant?.value;
  const isFor = fitting.length === 1 && parts.length === 2 && only!.parameters[0] === "string";
  const call = isFor && typeof part === "string" ? only!.call : undefined;
  if (!call) return undefined;
  const readText = text!.run;
  return (scope, locals) => {
    const value = readText(scope, locals);
    if (typeof value !== "string") return general(scope, locals);
    try {
      spend(1);
      return call(value as never, part as never);
    } catch (error) {
      throw locate(error, range);
    }
  };
}

function takesAll(parameters: FunctionOverload["parameters"], values: readonly unknown[]): boolean {
  for (let index = 0; index < parameters.length; index++) {
    const parameter = parameters[index]!;
    if (parameter !== "any" && !takes(parameter, typeOf(values[index]))) return false;
  }
  return true;
}

/** A pattern that stands in the expression is compiled, and refused, before any message comes. */
function compileLiteralPattern(name: string, parts: readonly Compiled[]): void {
  const pattern = name === "matches" ? parts[1] : undefined;
  if (typeof pattern?.constant?.value === "string") compilePattern(pattern.constant.value, pattern.range);
}

function describeMisuse(
  name: string,
  overloads: readonly FunctionOverload[],
  parts: readonly Pick<Compiled, "type">[],
  method: boolean,
  range: Range,
): ExpressionError {
  const given = parts.map(({ type }) => nameType(type));
  const got = method
    ? `on ${given[0]}${given.length > 1 ? ` with ${given.slice(1).join(" and ")}` : ""}`
    : given.length > 0
      ? `with ${given.join(" and ")}`
      : "without a value";
  const forms = overloads.slice(0, 4).map(({ signature }) => `\`${signature.replace(/: \w+$/, "")}\``);
  const message = `\`${name}()\` cannot be used ${got}. It is ${forms.join(", ")}.`;
  return new ExpressionError("expression-type", message, range);
}

/** Names out of habit from other languages. */
const habits: Readonly<Record<string, string>> = {
  toLowerCase: "text.lowerAscii()",
  lower: "text.lowerAscii()",
  toUpperCase: "text.upperAscii()",
  upper: "text.upperAscii()",
  length: "size(value)",
  len: "size(value)",
  count: "size(value)",
  includes: "text.contains(part)",
  toString: "string(value)",
  str: "string(value)",
  parseInt: "int(value)",
  parseFloat: "double(value)",
  number: "double(value)",
  toFixed: "round(value, 2)",
  replaceAll: "text.replace(part, by)",
  every: "list.all(item, …)",
  some: "list.exists(item, …)",
  find: "list.filter(item, …)[0]",
  reduce: "list.map(item, …).sum()",
  isEmpty: "size(value) == 0",
  exists: "list.exists(item, …)",
  coalesce: "body.?field.orValue(value)",
  default: "body.?field.orValue(value)",
  test: "text.matches(pattern)",
  match: "text.matches(pattern)",
  now: "timestamp(meta.timestamp / 1000)",
};

function describeUnknown(site: Site, name: string, method: boolean, range: Range): ExpressionError {
  const other = findOverloads(name, !method)?.[0]?.signature.replace(/: \w+$/, "");
  const hint = other ?? (Object.hasOwn(habits, name) ? habits[name] : undefined);
  const meant = findNearest(name, [...listFunctionNames(method), ...(method ? [] : site.variables)]);
  const what = method ? "method" : "function";
  const text = site.source.slice(range.from, range.to);
  const at = text.lastIndexOf(`${name}(`);
  const place =
    at < 0 || method === false
      ? { from: range.from, to: Math.min(range.to, range.from + name.length) }
      : findName(site.source, name, range);
  return new ExpressionError(
    "expression-unknown-name",
    `There is no ${what} \`${name}\`.${hint ? ` Write \`${hint}\`.` : meant ? ` Did you mean \`${meant}\`?` : ""}`,
    place,
  );
}

/** The place of a method's name in its call: the last `.name` before the end. */
function findName(source: string, name: string, range: Range): Range {
  const at = source.slice(range.from, range.to).search(new RegExp(`\\.\\s*${name}\\s*\\(`));
  const from = at < 0 ? range.from : source.indexOf(name, range.from + at);
  return { from, to: at < 0 ? range.to : from + name.length };
}
