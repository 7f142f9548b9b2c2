import { refillBudget } from "./expression/budget";
import { compileSource } from "./expression/compile";
import { oneField, oneHeader, wordNonBool } from "./expression/compiled";
import { ExpressionError } from "./expression/errors";
import { type CelType, makePlain, nameType, typeOf } from "./expression/values";
import type { Message } from "./message";
import type { Problem } from "./problems";

export { ExpressionError } from "./expression/errors";
export { listFunctions } from "./expression/function-table";

/** Values an expression may use; kinds may allow others (`generate-source`: n, now, random, pick). */
export const messageVariables = ["body", "key", "headers", "meta"] as const;

/**
 * A compiled CEL expression (https://cel.dev), with these differences, made for JSON:
 *
 * - Numbers of a message are doubles; they meet whole numbers freely (`body.price * 2`), so `body.quantity / 2` keeps its fraction, while
 *   `7 / 2` is 3 as in CEL. Integers beyond 2^53 keep their digits. Division by zero is an error.
 * - `+` joins text with numbers, booleans and null: `'order-' + body.id`.
 * - **An absent field** counts as null in `==`, `!=` and `in` (`body.missing == 'x'` is false, `body.missing == null` is true, nothing is in an
 *   absent list). Anywhere else it is an error that offers `has(body.missing)` and `body.?missing.orValue(…)`. `has()` is false also when
 *   a part of the way is absent.
 * - `matches` takes RE2 patterns and runs in linear time.
 * - The cost of an evaluation is bounded; what would take longer throws `expression-too-costly`.
 *
 * Beyond CEL's standard: text `lowerAscii upperAscii trim replace split substring indexOf lastIndexOf charAt reverse`, lists
 * `join sum min max sort distinct reverse slice flatten`, numbers `round(x, digits) floor ceil trunc abs sqrt min max` (also under `math.`), `json(x)`.
 */
export interface Expression {
  readonly source: string;
  /** Where it is a field of the body and nothing else, `body.lines`: its name. */
  readonly bodyField?: string | undefined;
  /**
   * Result as plain JSON values; integers beyond 2^53 as bigint, times as ISO text, an empty optional as null.
   * @throws ExpressionError with a person's words and the range; CodecError when the body, read for the first time, cannot be decoded.
   */
  evaluate(scope: Readonly<Record<string, unknown>>): unknown;
  /** True / false, else ExpressionError. */
  test(scope: Readonly<Record<string, unknown>>): boolean;
}

/**
 * Compiles once, to be evaluated per message. Names in `variables` whose value in the scope is a function can be called: `pick(['a', 'b'])`.
 * @throws ExpressionError for what cannot be read, names an unknown variable or function, can never have the right types, or is too large.
 */
export function compileExpression(source: string, options?: { variables?: readonly string[] }): Expression {
  const { root, op, bodyField, slots } = compileSource(source, options?.variables ?? messageVariables);
  const { run, range, type } = root;
  const locals: unknown[] = new Array(slots).fill(undefined);
  // A part of the message itself is plain already and need not be walked through.
  const isPart = op === "id" || op === "." || op === "[]";
  return {
    source,
    bodyField,
    evaluate(scope) {
      refillBudget();
      try {
        const value = run(scope, locals);
        if (isPart && typeof value === "object" && value !== null && !(value instanceof Date)) return value;
        return makePlain(value);
      } catch (error) {
        throw explain(error, range);
      }
    },
    test(scope) {
      refillBudget();
      let value: unknown;
      try {
        value = run(scope, locals);
      } catch (error) {
        throw explain(error, range);
      }
      if (value === true || value === false) return value;
      throw refuseCondition(nameType(type === "dyn" ? typeOf(value) : type), range);
    },
  };
}

/** The engine's own limits become ours; everything else (a CodecError of the body) goes on as it is. */
function explain(error: unknown, range: ExpressionError["range"]): unknown {
  if (error instanceof RangeError) {
    const message = "The expression ran out of room on this message: a value is too long or nested too deeply.";
    return new ExpressionError("expression-too-costly", message, range, { cause: error });
  }
  if (error instanceof ExpressionError && !error.range) return new ExpressionError(error.code, error.message, range);
  return error;
}

const textDecoder = new TextDecoder();

/** What an expression sees of a message. Each part is made when it is first read, so an unread body is never decoded. */
class MessageScope {
  #message: Message;
  #headers: Record<string, string> | undefined;
  #key: string | null | undefined;

  constructor(message: Message) {
    this.#message = message;
  }

  aim(message: Message): void {
    this.#message = message;
    this.#headers = undefined;
    this.#key = undefined;
  }

  get body(): unknown {
    return this.#message.body;
  }
  get key(): string | null {
    if (this.#key === undefined) this.#key = this.#message.keyText;
    return this.#key;
  }
  get headers(): Record<string, string> {
    if (this.#headers === undefined) {
      this.#headers = {};
      // The last one of a name wins, as `headerText` has it.
      for (const [name, value] of this.#message.headers) {
        if (name !== "__proto__") this.#headers[name] = textDecoder.decode(value);
      }
    }
    return this.#headers;
  }
  get meta(): unknown {
    return this.#message.meta;
  }
  /** One header, without making a map of all. */
  [oneHeader](name: string): string | undefined {
    return this.#headers === undefined ? this.#message.header(name) : this.#headers[name];
  }
  /** One field of the body, without decoding the rest. */
  [oneField](name: string): unknown {
    return this.#message.bodyField(name);
  }
}

/** The scope that a message gives: body, key (text), headers (map of text), meta. Lazy: an unread body is not decoded. */
export function scopeOf(message: Message): Readonly<Record<string, unknown>> {
  return new MessageScope(message) as unknown as Readonly<Record<string, unknown>>;
}

/** As `scopeOf`, for what looks at one message after the other: a scope is that of the next message as soon as that is asked for. */
export function passingScope(): typeof scopeOf {
  let scope: MessageScope | undefined;
  return (message) => {
    if (scope === undefined) scope = new MessageScope(message);
    else scope.aim(message);
    return scope as unknown as ReturnType<typeof scopeOf>;
  };
}

export type Expected = "bool" | "string" | "number" | "list" | "map" | "any";

/**
 * Problems of an expression's text, without node and field. Empty when it is well. `expects` is compared with what is known before it
 * runs; fields of a message are known only then.
 */
export function checkExpression(
  source: string,
  options?: { variables?: readonly string[]; expects?: string },
): Pick<Problem, "code" | "message" | "range">[] {
  try {
    const { root } = compileSource(source, options?.variables ?? messageVariables);
    const expected = (options?.expects ?? "any") as Expected;
    if (expected === "bool") {
      const never = wordNonBool(root);
      if (never !== undefined) throw refuseCondition(never, root.range);
    } else if (!fits(root.type, expected)) throw refuseResult(expected, root.type, root.range);
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { code, message, range } = error;
    return [{ code, message, ...(range ? { range } : {}) }];
  }
}

function fits(type: CelType, expected: Exclude<Expected, "bool">): boolean {
  if (expected === "any" || type === "dyn" || type === "optional") return true;
  return expected === "number" ? type === "int" || type === "double" : type === expected;
}

const expectedWords: Record<Exclude<Expected, "bool">, string> = {
  string: "text",
  number: "a number",
  list: "a list",
  map: "a map",
  any: "a value",
};
const ways: Partial<Record<Exclude<Expected, "bool">, string>> = {
  string: " Write `string(…)` around it.",
  number: " Write `double(…)` around it.",
};

/** Words for a condition that is neither true nor false, with a way on from what it gives. */
function refuseCondition(given: string, range: ExpressionError["range"]): ExpressionError {
  const message = `True or false is needed here; this gives ${given}. ${wayToCondition(given)}`;
  return new ExpressionError("expression-type", message, range);
}

function wayToCondition(given: string): string {
  if (given.includes("number")) return "Compare it: `… > 0`.";
  if (given === nameType("string")) return "Compare it: `… == 'text'`.";
  if (given === nameType("list") || given === nameType("map")) return "Ask for its size: `size(…) > 0`.";
  if (given === nameType("optional")) return "Write `.orValue(false)` behind it.";
  return "Compare it: `… == …`.";
}

function refuseResult(
  expected: Exclude<Expected, "bool">,
  type: CelType,
  range: ExpressionError["range"],
): ExpressionError {
  const message = `Here ${expectedWords[expected]} is needed; the expression gives ${nameType(type)}.${ways[expected] ?? ""}`;
  return new ExpressionError("expression-type", message, range);
}
