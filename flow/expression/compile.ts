import type { ASTNode } from "@marcbachmann/cel-js";
import { findNearest } from "../nearest";
import { compileField, compileIndex, compileOptionalAccess, isPlainField } from "./access";
import { refillBudget, spend } from "./budget";
import { compileCall } from "./calls";
import {
  type Compiled,
  frame,
  oneField,
  oneHeader,
  type PartScope,
  type Run,
  rangeOf,
  requireBool,
  type Site,
  unify,
  wordNonBool,
} from "./compiled";
import { ExpressionError } from "./errors";
import { compileLogic } from "./macros";
import {
  type Arithmetic,
  type Comparison,
  calculate,
  calculateNumbers,
  compare,
  isIn,
  mismatch,
  resultType,
  wordResult,
} from "./operators";
import { readExpression } from "./read";
import { areEqual, type CelType, readField, typeOf, writeText } from "./values";

/**
 * Turns an expression into closures. cel-js reads the text; it is not run by cel-js, because here each step must be paid for, an absent
 * field has an outcome, numbers of JSON meet whole numbers, and an error has words and a place.
 * @throws ExpressionError
 */
export function compileSource(
  source: string,
  variables: readonly string[],
): {
  readonly root: Compiled;
  readonly op: string;
  /** Of `body.name`: the name. */
  readonly bodyField: string | undefined;
  readonly slots: number;
} {
  const ast = readExpression(source);
  const compiler = new Compiler(source, variables);
  // Patterns that are literals are compiled now, and paid for as in an evaluation.
  refillBudget();
  const isBodyField = ast.op === "." && ast.args[0].op === "id" && ast.args[0].args === "body";
  const bodyField = isBodyField && isPlainField(ast.args[1]) ? ast.args[1] : undefined;
  return { root: compiler.compile(ast), op: ast.op, bodyField, slots: compiler.slots };
}

/** Names of types, for `type(x) == string`. */
const typeNames: ReadonlyMap<string, CelType> = new Map([
  ["int", "int"],
  ["double", "double"],
  ["string", "string"],
  ["bool", "bool"],
  ["bytes", "bytes"],
  ["list", "list"],
  ["map", "map"],
  ["null_type", "null"],
] as const);

/** `headers.kind`: of a message, that header alone is read. */
const readHeader =
  (name: string): Run =>
  (scope) => {
    const one = (scope as PartScope)[oneHeader];
    return one && name !== "__proto__" ? one.call(scope, name) : readField(scope.headers, name);
  };

/** `body.kind`: of a message, that field alone is made of its bytes. */
function readBodyField(name: string): Run | undefined {
  if (!isPlainField(name)) return undefined;
  return (scope) => {
    const one = (scope as PartScope)[oneField];
    return one ? one.call(scope, name) : readField(scope.body, name);
  };
}

/** What gives the fields of a variable one by one. */
const fieldReaders: Readonly<Record<string, Compiled["fieldOf"]>> = { headers: readHeader, body: readBodyField };

class Compiler implements Site {
  slots = 0;
  readonly #locals: string[] = [];
  constructor(
    readonly source: string,
    readonly variables: readonly string[],
  ) {}

  findLocal(name: string): number | undefined {
    const slot = this.#locals.lastIndexOf(name);
    return slot < 0 ? undefined : slot;
  }

  compileWith(name: string, compile: (slot: number) => Compiled): Compiled {
    this.#locals.push(name);
    this.slots = Math.max(this.slots, this.#locals.length);
    try {
      return compile(this.#locals.length - 1);
    } finally {
      this.#locals.pop();
    }
  }

  compile(node: ASTNode): Compiled {
    switch (node.op) {
      case "value":
        return this.#compileLiteral(node, node.args);
      case "id":
        return this.#compileName(node, node.args);
      case ".":
        return compileField(this, node, node.args[0], node.args[1]);
      case "[]":
        return compileIndex(this, node, node.args[0], node.args[1]);
      case ".?": {
        // cel-js hands the name over bare.
        const name = node.args[1];
        return compileOptionalAccess(this, node, this.compile(node.args[0]), () => name);
      }
      case "[?]": {
        const key = this.compile(node.args[1]);
        return compileOptionalAccess(this, node, this.compile(node.args[0]), key.run, key);
      }
      case "call":
        return compileCall(this, node, node.args[0], undefined, node.args[1]);
      case "rcall":
        return compileCall(this, node, node.args[0], node.args[1], node.args[2]);
      case "list":
        return this.#compileList(node, node.args);
      case "map":
        return this.#compileMap(node, node.args);
      case "?:":
        return this.#compileChoice(node, node.args);
      case "&&":
      case "||":
        return compileLogic(this, node, node.op, node.args);
      case "!_": {
        const part = this.compile(node.args);
        const run = requireBool(part, "What follows `!`");
        return { ...frame(this, node, [part]), type: "bool", run: (scope, locals) => !run(scope, locals) };
      }
      case "-_":
        return this.#compileMinus(node, node.args);
      default:
        return this.#compileBinary(node, node.op, node.args);
    }
  }

  #compileLiteral(node: ASTNode, literal: unknown): Compiled {
    // An unsigned literal (`5u`) is a whole number like any other here.
    const plain = typeof literal !== "object" || literal === null || literal instanceof Uint8Array;
    const value = plain ? literal : BigInt(String(literal));
    return { ...frame(this, node, []), type: typeOf(value), run: () => value, constant: { value } };
  }

  #compileName(node: ASTNode, name: string): Compiled {
    const common = frame(this, node, []);
    const slot = this.findLocal(name);
    if (slot !== undefined) return { ...common, type: "dyn", run: (_, locals) => locals[slot] };
    if (this.variables.includes(name)) {
      const fieldOf = Object.hasOwn(fieldReaders, name) ? fieldReaders[name] : undefined;
      const read: Run = name === "body" ? (scope) => scope.body : (scope) => scope[name];
      return {
        ...common,
        type: "dyn",
        lenient: read,
        ...(fieldOf ? { fieldOf } : {}),
        run: (scope, locals) => {
          const value = read(scope, locals);
          if (value !== undefined && typeof value !== "function") return value;
          const message =
            value === undefined ? `\`${name}\` has no value here.` : `\`${name}\` is a function: write \`${name}(…)\`.`;
          throw new ExpressionError("expression-failed", message, common.range);
        },
      };
    }
    const type = typeNames.get(name);
    if (type !== undefined) return { ...common, type: "string", run: () => type, constant: { value: type } };
    throw new ExpressionError("expression-unknown-name", this.#wordUnknown(name), common.range);
  }

  #wordUnknown(name: string): string {
    const known = [...this.#locals, ...this.variables];
    const list = known.length < 2 ? known.join("") : `${known.slice(0, -1).join(", ")} and ${known.at(-1)}`;
    const meant = findNearest(name, known);
    const hint = meant
      ? ` Did you mean \`${meant}\`?`
      : this.variables.includes("body")
        ? ` A field of the body is written \`body.${name}\`, text stands in quotes.`
        : "";
    return `\`${name}\` is not known here: ${list} ${known.length === 1 ? "is" : "are"}.${hint}`;
  }

  #compileList(node: ASTNode, items: readonly ASTNode[]): Compiled {
    const parts = items.map((item) => this.compile(item));
    const runs = parts.map((part) => part.run);
    return { ...frame(this, node, parts), type: "list", run: (scope, locals) => runs.map((run) => run(scope, locals)) };
  }

  #compileMap(node: ASTNode, entries: readonly (readonly [ASTNode, ASTNode])[]): Compiled {
    const parts = entries.map(([key, value]) => [this.compile(key), this.compile(value)] as const);
    const range = rangeOf(node);
    const readName = (key: unknown, at: Compiled): string => {
      spend(10);
      const name = typeof key === "object" ? undefined : writeText(key);
      if (name !== undefined && name !== "__proto__") return name;
      throw new ExpressionError(
        "expression-failed",
        "A field's name must be text or a number, and not `__proto__`.",
        at.range ?? range,
      );
    };
    const fields = parts.map(([key, value]) => {
      const fixed = key.constant ? readName(key.constant.value, key) : undefined;
      const run = value.run;
      return {
        run,
        nameOf: fixed === undefined ? (s: never, l: never) => readName(key.run(s, l), key) : undefined,
        fixed,
      };
    });
    return {
      ...frame(this, node, parts.flat()),
      type: "map",
      run: (scope, locals) => {
        const map: Record<string, unknown> = {};
        for (const { run, nameOf, fixed } of fields) {
          map[nameOf ? nameOf(scope as never, locals as never) : fixed!] = run(scope, locals);
        }
        return map;
      },
    };
  }

  #compileChoice(node: ASTNode, args: readonly [ASTNode, ASTNode, ASTNode]): Compiled {
    const [condition, one, other] = [this.compile(args[0]), this.compile(args[1]), this.compile(args[2])];
    const test = requireBool(condition, "The condition before `?`");
    return {
      ...frame(this, node, [condition, one, other]),
      type: unify(one.type, other.type),
      gives: wordEither(wordNonBool(one), wordNonBool(other)),
      run: (scope, locals) => (test(scope, locals) === true ? one.run(scope, locals) : other.run(scope, locals)),
    };
  }

  #compileMinus(node: ASTNode, arg: ASTNode): Compiled {
    const part = this.compile(arg);
    const common = frame(this, node, [part]);
    const negate = (value: unknown): unknown => {
      if (typeof value === "number" || typeof value === "bigint") return -value;
      throw new ExpressionError("expression-type", "`-` stands before numbers only.", common.range);
    };
    if (part.constant) {
      const value = negate(part.constant.value);
      return { ...common, type: part.type, run: () => value, constant: { value } };
    }
    if (!["dyn", "int", "double"].includes(part.type)) negate(undefined);
    const run: Run = (scope, locals) => negate(part.run(scope, locals));
    return { ...common, type: part.type, gives: "a number", run };
  }

  #compileBinary(node: ASTNode, op: string, args: readonly [ASTNode, ASTNode]): Compiled {
    const [a, b] = [this.compile(args[0]), this.compile(args[1])];
    const common = frame(this, node, [a, b]);
    const type = resultType(op, a.type, b.type);
    if (op === "in") {
      if (type === undefined) isIn(undefined, sampleOf(b.type), common.range);
      const [value, container] = [a.lenient ?? a.run, b.lenient ?? b.run];
      return { ...common, type: "bool", run: (s, l) => isIn(value(s, l), container(s, l), common.range) };
    }
    if (type === undefined) throw mismatch(op, a.type, b.type, common.range);
    if (op === "==" || op === "!=") return { ...common, type, run: compileEquality(a, b, op === "==") };
    if (op === "<" || op === "<=" || op === ">" || op === ">=") {
      return { ...common, type, run: compileComparison(op, a, b, common) };
    }
    const run = compileArithmetic(op as Arithmetic, a, b, common);
    return { ...common, type, gives: wordResult(op as Arithmetic, a.type, b.type), run };
  }
}

/** What a choice gives when neither of its two ways can be true or false. */
function wordEither(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined;
  if (one.includes(other)) return one;
  return other.includes(one) ? other : `${one} or ${other}`;
}

/** A value of a type, to have `isIn` word its refusal. */
function sampleOf(type: CelType): unknown {
  return type === "string" ? "" : type === "bool" ? false : 0;
}

/** The number of a literal that a JavaScript number holds: JSON's numbers meet it without making a bigint of them. */
function smallNumber(part: Compiled): number | undefined {
  const value = part.constant?.value;
  if (typeof value === "number") return value;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
}

/** In `==` and `!=` an absent field counts as null. */
function compileEquality(a: Compiled, b: Compiled, positive: boolean): Run {
  const [left, right] = [a.lenient ?? a.run, b.lenient ?? b.run];
  const constant = b.constant?.value;
  if (typeof constant === "string" && constant.length <= 64) {
    return (scope, locals) => (left(scope, locals) === constant) === positive;
  }
  const number = smallNumber(b);
  if (number !== undefined) {
    return (scope, locals) => {
      const value = left(scope, locals);
      return (typeof value === "number" ? value === number : areEqual(value, constant)) === positive;
    };
  }
  return (scope, locals) => areEqual(left(scope, locals), right(scope, locals)) === positive;
}

function compileComparison(op: Comparison, a: Compiled, b: Compiled, { range }: Pick<Compiled, "range">): Run {
  const [left, right] = [a.run, b.run];
  const number = smallNumber(b);
  if (number === undefined) return (scope, locals) => compare(op, left(scope, locals), right(scope, locals), range);
  const compareNumbers: (value: number) => boolean =
    op === "<"
      ? (value) => value < number
      : op === "<="
        ? (value) => value <= number
        : op === ">"
          ? (value) => value > number
          : (value) => value >= number;
  const constant = b.constant?.value;
  return (scope, locals) => {
    const value = left(scope, locals);
    return typeof value === "number" ? compareNumbers(value) : compare(op, value, constant, range);
  };
}

function compileArithmetic(op: Arithmetic, a: Compiled, b: Compiled, { range }: Pick<Compiled, "range">): Run {
  const [left, right] = [a.run, b.run];
  const number = smallNumber(b);
  if (number === undefined || a.type === "int") {
    return (scope, locals) => calculate(op, left(scope, locals), right(scope, locals), range);
  }
  const constant = b.constant?.value;
  return (scope, locals) => {
    const value = left(scope, locals);
    return typeof value === "number"
      ? calculateNumbers(op, value, number, range)
      : calculate(op, value, constant, range);
  };
}
