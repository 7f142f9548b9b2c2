import type { FieldReader } from "../codec";
import { fewCharacters, type Replacement, readFewCharacters, replaceInUtf8, type Span } from "../utf8";
import { isSpace, skipColon, skipName, skipSpace, skipValue } from "./json-bytes";

/** Longer values are decoded as a whole: the engine's own parser passes over long texts faster than this one. */
const mostBytes = 2_048;
/** Records with more fields are decoded as a whole. */
const mostFields = 64;
/** Texts up to here are made of their bytes in parts. */
const shortText = 3 * fewCharacters;

/** Digits of which a number holds each exactly, and a power of ten that it holds exactly: their quotient is rounded as a parser does it. */
const mostDigits = 15;
const powersOfTen = Array.from({ length: mostDigits + 1 }, (_, power) => 10 ** power);

/** Name from, name to, value from, value to. */
const placesOfField = 4;

/**
 * Finds the fields of a JSON record in its bytes without making anything of them. It looks at every byte, and what it accepts is JSON
 * in UTF-8; `aim` answers `false` for what is not, and for what it leaves to the decoder: anything but a record, what is long, deep or has
 * very many fields, and names with escapes. Parts are decoded, and values encoded, by the codec itself.
 */
export class JsonFields implements FieldReader {
  #bytes: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  readonly #places = new Int32Array(placesOfField * mostFields);
  #count = 0;
  /** Where the closing brace stands. */
  #close = 0;

  constructor(
    readonly decode: (bytes: Uint8Array) => unknown,
    readonly stringify: (value: unknown) => string,
  ) {}

  isAt({ bytes, start }: Span): boolean {
    return this.#bytes === bytes && this.#start === start;
  }

  aim({ bytes, start, end }: Span): boolean {
    this.#bytes = undefined;
    if (end - start > mostBytes || !this.#findFields(bytes, start, end)) return false;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    return true;
  }

  read(name: string): unknown {
    const place = this.#find(name);
    return place < 0 ? undefined : this.#readValue(this.#places[place + 2]!, this.#places[place + 3]!);
  }

  readItems(name: string): Uint8Array[] | undefined {
    const place = this.#find(name);
    const bytes = this.#bytes!;
    if (place < 0 || bytes[this.#places[place + 2]!] !== 0x5b) return undefined;
    const items: Uint8Array[] = [];
    let at = skipSpace(bytes, this.#places[place + 2]! + 1);
    while (bytes[at] !== 0x5d) {
      const end = skipValue(bytes, at, this.#end, 0);
      items.push(bytes.subarray(at, end));
      at = skipSpace(bytes, end);
      if (bytes[at] === 0x2c) at = skipSpace(bytes, at + 1);
    }
    return items;
  }

  write(names: readonly string[], values: readonly unknown[]): Uint8Array | undefined {
    const places = this.#places;
    const changes: Replacement[] = [];
    let added = "";
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      const text = this.stringify(values[index]);
      const place = this.#find(name);
      if (place < 0) added += `${this.#count > 0 || added !== "" ? "," : ""}${JSON.stringify(name)}:${text}`;
      // Which of two fields of one name counts is for each reader to say.
      else if (this.#find(name, place) >= 0) return undefined;
      else changes.push({ from: places[place + 2]!, to: places[place + 3]!, text });
    }
    changes.sort((one, other) => one.from - other.from);
    if (added !== "") changes.push({ from: this.#close, to: this.#close, text: added });
    return replaceInUtf8({ bytes: this.#bytes!, start: this.#start, end: this.#end }, changes);
  }

  /** Where the last field of that name has its places; -1 when there is none. */
  #find(name: string, before = this.#count * placesOfField): number {
    const bytes = this.#bytes!;
    const places = this.#places;
    for (let place = before - placesOfField; place >= 0; place -= placesOfField) {
      if (isName(bytes, places[place]!, places[place + 1]!, name)) return place;
    }
    return -1;
  }

  #readValue(from: number, to: number): unknown {
    const bytes = this.#bytes!;
    switch (bytes[from]) {
      case 0x22:
        return readShortText(bytes, from + 1, to - 1) ?? this.decode(bytes.subarray(from, to));
      case 0x74:
        return true;
      case 0x66:
        return false;
      case 0x6e:
        return null;
      case 0x7b:
      case 0x5b:
        return this.decode(bytes.subarray(from, to));
      default:
        return readShortNumber(bytes, from, to) ?? this.decode(bytes.subarray(from, to));
    }
  }

  #findFields(bytes: Uint8Array, start: number, end: number): boolean {
    const places = this.#places;
    let at = skipSpace(bytes, start);
    if (bytes[at] !== 0x7b) return false;
    at = skipSpace(bytes, at + 1);
    let place = 0;
    if (bytes[at] !== 0x7d) {
      for (;;) {
        if (place === places.length || bytes[at] !== 0x22) return false;
        places[place] = at + 1;
        at = skipName(bytes, at + 1, end);
        if (at < 0) return false;
        places[place + 1] = at - 1;
        at = skipColon(bytes, at);
        if (at < 0) return false;
        places[place + 2] = at;
        at = skipValue(bytes, at, end, 1);
        if (at < 0) return false;
        places[place + 3] = at;
        place += placesOfField;
        at = skipSpace(bytes, at);
        if (bytes[at] === 0x7d) break;
        if (bytes[at] !== 0x2c) return false;
        at = skipSpace(bytes, at + 1);
      }
    }
    this.#count = place / placesOfField;
    this.#close = at++;
    while (at < end && isSpace(bytes[at]!)) at++;
    return at === end;
  }
}

function isName(bytes: Uint8Array, from: number, to: number, name: string): boolean {
  if (to - from !== name.length) return false;
  for (let index = 0; index < name.length; index++) {
    if (bytes[from + index] !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** A short text without escapes, in ASCII, between two places; `undefined` for any other. */
function readShortText(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (to - from > shortText) return undefined;
  for (let at = from; at < to; at++) if (bytes[at] === 0x5c || bytes[at]! > 0x7f) return undefined;
  let at = Math.min(to, from + fewCharacters);
  let text = readFewCharacters(bytes, from, at);
  for (; at < to; at += fewCharacters) text += readFewCharacters(bytes, at, Math.min(to, at + fewCharacters));
  return text;
}

/** A number with few digits and no exponent; `undefined` for any other. */
function readShortNumber(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (to - from > mostDigits) return undefined;
  const isNegative = bytes[from] === 0x2d;
  let number = 0;
  let point = to;
  for (let at = isNegative ? from + 1 : from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === 0x2e) point = at + 1;
    else if (byte >= 0x30 && byte <= 0x39) number = number * 10 + (byte - 0x30);
    else return undefined;
  }
  if (point < to) number /= powersOfTen[to - point]!;
  return isNegative ? -number : number;
}
