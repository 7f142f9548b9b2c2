import { type Codec, CodecError } from "../codec";
import { encodeUtf8 } from "../utf8";
import { JsonFields } from "./json-fields";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A run of digits this long may be an integer that a JavaScript number would round. */
const longRun = 16;

/**
 * JSON in UTF-8. Integers beyond 2^53 are decoded as bigint and written back digit for digit, so ids survive;
 * other numbers are JavaScript numbers.
 */
export const jsonCodec: Codec = {
  name: "json",
  title: "JSON",
  decode,
  encode: (body) => encodeUtf8(stringify(body)),
  fields: new JsonFields(decode, stringify),
};

function decode(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new CodecError("codec-decode", "The value is not UTF-8 text, so it is not JSON.", { cause });
  }
  try {
    const body: unknown = JSON.parse(text);
    return hasLongDigits(bytes) ? new ExactReader(text).read() : body;
  } catch {
    // The engine's own message quotes the payload, so neither it nor the error goes on.
    throw new CodecError(
      "codec-decode",
      bytes.length === 0 ? "The value is empty, so it is not JSON." : "The value is not JSON.",
    );
  }
}

function stringify(body: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch {
    text = writeExactly(body);
  }
  if (text === undefined) throw new CodecError("codec-encode", "The body has no value, so there is no JSON for it.");
  return text;
}

/** Looks at every sixteenth byte: a long run passes over one of them. */
function hasLongDigits(bytes: Uint8Array): boolean {
  for (let at = longRun - 1; at < bytes.length; at += longRun) {
    if (!isDigit(bytes[at])) continue;
    let from = at;
    let end = at + 1;
    while (isDigit(bytes[from - 1])) from--;
    while (isDigit(bytes[end])) end++;
    if (end - from >= longRun) return true;
  }
  return false;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** JSON text of a body that holds bigints. */
function writeExactly(body: unknown): string | undefined {
  try {
    return write(body);
  } catch (cause) {
    throw new CodecError(
      "codec-encode",
      "The body is nested too deeply or refers to itself, so there is no JSON for it.",
      {
        cause,
      },
    );
  }
}

function write(value: unknown): string | undefined {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null || "toJSON" in value) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => write(item) ?? "null").join(",")}]`;
  const fields: string[] = [];
  for (const [name, field] of Object.entries(value)) {
    const text = write(field);
    if (text !== undefined) fields.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${fields.join(",")}}`;
}

/**
 * Reads text that `JSON.parse` has already accepted, keeping the digits of large integers.
 * (A reviver sees numbers only after they were rounded; its `source` argument is younger than Node 20.)
 */
class ExactReader {
  #at = 0;
  constructor(readonly text: string) {}

  read(): unknown {
    this.#skipSpace();
    switch (this.text[this.#at]) {
      case "{":
        return this.#readObject();
      case "[":
        return this.#readArray();
      case '"':
        return this.#readString();
      case "t":
        return this.#take(4, true);
      case "f":
        return this.#take(5, false);
      case "n":
        return this.#take(4, null);
      default:
        return this.#readNumber();
    }
  }

  #take<Value>(length: number, value: Value): Value {
    this.#at += length;
    return value;
  }

  #skipSpace(): void {
    while (" \n\r\t".includes(this.text[this.#at] ?? "x")) this.#at++;
  }

  #readObject(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    while (this.#next("}")) {
      const name = this.#readString();
      this.#skipSpace();
      this.#at++; // the colon
      const value = this.read();
      // As JSON.parse does it: a field of that name, not a prototype.
      if (name === "__proto__") {
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      } else object[name] = value;
    }
    return object;
  }

  #readArray(): unknown[] {
    const list: unknown[] = [];
    while (this.#next("]")) list.push(this.read());
    return list;
  }

  /** Steps over the opening bracket or comma; false, and past the end, when the closing bracket stands there. */
  #next(close: "}" | "]"): boolean {
    this.#skipSpace();
    if (this.text[this.#at] === close) return this.#take(1, false);
    this.#at++;
    this.#skipSpace();
    if (this.text[this.#at] !== close) return true;
    return this.#take(1, false);
  }

  #readString(): string {
    const start = this.#at;
    let end = this.text.indexOf('"', start + 1);
    let escaped = this.text.indexOf("\\", start + 1);
    if (escaped < 0 || escaped > end) {
      this.#at = end + 1;
      return this.text.slice(start + 1, end);
    }
    while (escaped >= 0 && escaped < end) {
      if (escaped + 1 === end) end = this.text.indexOf('"', end + 1);
      escaped = this.text.indexOf("\\", escaped + 2);
    }
    this.#at = end + 1;
    return JSON.parse(this.text.slice(start, end + 1)) as string;
  }

  #readNumber(): number | bigint {
    const start = this.#at;
    let whole = true;
    for (; this.#at < this.text.length; this.#at++) {
      const character = this.text[this.#at]!;
      if (character >= "0" && character <= "9") continue;
      if (character === "." || character === "e" || character === "E") whole = false;
      else if (character !== "-" && character !== "+") break;
    }
    const digits = this.text.slice(start, this.#at);
    const number = Number(digits);
    return whole && !Number.isSafeInteger(number) ? BigInt(digits) : number;
  }
}
