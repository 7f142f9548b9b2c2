import { compileExpression, type Expression, scopeOf } from "./expression";
import { roleForExpression, roleForPath } from "./masked";
import type { Message } from "./message";
import {
  type MaskedField,
  type MaskRole,
  maxSearchableLength,
  maxSearchables,
  type SearchableFields,
} from "./recorded-fields";

/**
 * A value as runs are found by it: text as it is, all else as JSON, cut at `maxSearchableLength` characters. `undefined` where there is
 * nothing to find: null, an empty text.
 */
export function searchableText(value: unknown): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const text = typeof value === "string" ? value : writeJson(value);
  // Postgres keeps no NUL in text; half of a character is none.
  return text
    .slice(0, maxSearchableLength)
    .replaceAll("\0", "")
    .replace(/[\ud800-\udbff]$/, "");
}

function writeJson(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)) ?? "";
}

/** A value by which a run is found: its name, its text, and the role that is needed to see it, where it comes from a masked field. */
export type SearchValue = readonly [name: string, text: string, below?: MaskRole];

/** Reads the searchable values of one version's messages, and counts those that a message does not have. */
export class SearchableReader {
  readonly #expressions: readonly (readonly [name: string, expression: Expression | null, below: MaskRole | null])[];
  readonly #missed: Record<string, number> = {};

  /** Without `fields`: the plain ones of the body. */
  constructor(
    readonly fields: SearchableFields | undefined,
    readonly masked: readonly MaskedField[] = [],
  ) {
    this.#expressions = Object.entries(fields ?? {}).map(([name, source]) => [
      name,
      compile(source),
      roleForExpression(source, masked),
    ]);
  }

  /** Those that the message has. Never throws. */
  read(message: Message, key: string | null): SearchValue[] {
    const text = searchableText(key);
    const found = this.fields ? this.#readNamed(message) : this.#readPlain(message);
    return text ? [makeValue("key", text, roleForPath(["key"], this.masked)), ...found] : found;
  }

  #readNamed(message: Message): SearchValue[] {
    const scope = scopeOf(message);
    return this.#expressions.flatMap(([name, expression, below]): SearchValue[] => {
      const text = evaluate(expression, scope);
      if (text) return [makeValue(name, text, below)];
      this.#missed[name] = (this.#missed[name] ?? 0) + 1;
      return [];
    });
  }

  #readPlain(message: Message): SearchValue[] {
    const values: SearchValue[] = [];
    for (const [name, value] of Object.entries(readRecord(message))) {
      if (values.length >= maxSearchables) break;
      const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
      const text = isPlain ? String(value) : "";
      if (text !== "" && text.length <= maxSearchableLength && !text.includes("\0"))
        values.push(makeValue(`body.${name.slice(0, 60)}`, text, roleForPath(["body", name], this.masked)));
    }
    return values;
  }

  /** By name, how many messages gave no value: the expression failed, or came to null. */
  get missed(): Readonly<Record<string, number>> {
    return this.#missed;
  }
}

const makeValue = (name: string, text: string, below: MaskRole | null): SearchValue =>
  below === null ? [name, text] : [name, text, below];

function readRecord(message: Message): object {
  try {
    const { body } = message;
    return typeof body === "object" && body !== null && !Array.isArray(body) ? body : {};
  } catch {
    return {};
  }
}

/** A version that was checked has none that cannot be compiled. */
function compile(source: string): Expression | null {
  try {
    return compileExpression(source);
  } catch {
    return null;
  }
}

function evaluate(expression: Expression | null, scope: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return searchableText(expression?.evaluate(scope));
  } catch {
    return undefined;
  }
}
