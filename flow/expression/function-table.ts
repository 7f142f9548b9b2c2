import { ExpressionError, type Range } from "./errors";
import type { CelType } from "./values";

/** A type that a parameter takes; `number` = int or double, `any` = everything. */
type ParameterType = Exclude<CelType, "dyn"> | "number" | "any";

export interface FunctionOverload {
  /** `text.startsWith(string): bool`, as shown to people. */
  readonly signature: string;
  /** With the receiver first for a method. */
  readonly parameters: readonly ParameterType[];
  readonly result: CelType;
  run(args: readonly never[], range: Range): unknown;
  /** As `run`, for one that asks for no range. */
  readonly call: ((...args: never[]) => unknown) | undefined;
}

/** Functions by name and methods by `.name`, each with its overloads. */
const table = new Map<string, FunctionOverload[]>();

export function findOverloads(name: string, method: boolean): readonly FunctionOverload[] | undefined {
  return table.get(method ? `.${name}` : name);
}

/** Every signature, for completion and docs. */
export function listFunctions(): string[] {
  return [...table.values()].flat().map((overload) => overload.signature);
}

export function takes(parameter: ParameterType, type: CelType): boolean {
  if (parameter === "any" || type === "dyn") return true;
  return parameter === "number" ? type === "int" || type === "double" : parameter === type;
}

const signaturePattern = /^(?:(\w+)\.)?([\w.]+)\(([^)]*)\): (\w+)$/;

/** Adds an overload. A first part that names a type makes it a method; `math.` and the like are part of the name. */
export function define(signature: string, run: (...args: never[]) => unknown, ranged = false): void {
  const [, owner, rest = "", list = "", result] = signaturePattern.exec(signature) ?? [];
  const method = owner !== undefined && owner !== "math" && owner !== "optional";
  const name = method ? `.${rest}` : owner === undefined ? rest : `${owner}.${rest}`;
  const parameters = [...(method ? [owner] : []), ...list.split(", ").filter((part) => part !== "")] as ParameterType[];
  const overload: FunctionOverload = {
    signature,
    parameters,
    result: (result === "number" ? "double" : result === "any" ? "dyn" : result) as CelType,
    run: (args, range) => (ranged ? run(...args, range as never) : run(...args)),
    call: ranged ? undefined : run,
  };
  table.set(name, [...(table.get(name) ?? []), overload]);
}

/** A value that the function has no result for. The range is added by the call. */
export function fail(message: string): never {
  throw new ExpressionError("expression-failed", message);
}
