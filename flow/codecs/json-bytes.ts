/**
 * Passes over JSON (RFC 8259) in its bytes. Each function begins at a place and answers the one after what it passed over; -1 where that
 * is not JSON in UTF-8. Other bytes may follow behind the JSON, and broken JSON may seem to go on in them: whoever asks looks whether the
 * answer is behind the `end`. A place past all bytes reads as `undefined`, which is no byte of anything.
 */

/** What is nested deeper is not looked at. */
const mostDepth = 64;
const closingBrace = 0x7d;
const closingBracket = 0x5d;

/** What a byte is inside a text: 0 = itself. */
const special = new Uint8Array(256);
special.fill(1, 0, 0x20);
special.fill(1, 0x80);
special[0x22] = 1;
special[0x5c] = 1;

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at]!)) at++;
  return at;
}

/** The colon between a name and its value, and the space around it. */
export function skipColon(bytes: Uint8Array, from: number): number {
  const at = skipSpace(bytes, from);
  return bytes[at] === 0x3a ? skipSpace(bytes, at + 1) : -1;
}

/** A name, from after its opening quote. One with escapes is not looked at: it may be spelled in many ways. */
export function skipName(bytes: Uint8Array, from: number, end: number): number {
  return skipRest(bytes, from, end, false);
}

/** `depth` = how many records and lists it stands in. */
export function skipValue(bytes: Uint8Array, from: number, end: number, depth: number): number {
  switch (bytes[from]) {
    case 0x22:
      return skipRest(bytes, from + 1, end, true);
    case 0x7b:
      return depth < mostDepth ? skipMembers(bytes, from + 1, end, depth + 1, closingBrace) : -1;
    case 0x5b:
      return depth < mostDepth ? skipMembers(bytes, from + 1, end, depth + 1, closingBracket) : -1;
    case 0x74:
      return skipWord(bytes, from, "true");
    case 0x66:
      return skipWord(bytes, from, "false");
    case 0x6e:
      return skipWord(bytes, from, "null");
    default:
      return skipNumber(bytes, from);
  }
}

/** What stands in a record or a list, from after its opening bracket, past the closing one; in a record each value has a name. */
function skipMembers(bytes: Uint8Array, from: number, end: number, depth: number, close: number): number {
  let at = skipSpace(bytes, from);
  if (bytes[at] === close) return at + 1;
  for (;;) {
    if (close === closingBrace) {
      if (bytes[at] !== 0x22) return -1;
      at = skipRest(bytes, at + 1, end, true);
      if (at < 0) return -1;
      at = skipColon(bytes, at);
      if (at < 0) return -1;
    }
    at = skipValue(bytes, at, end, depth);
    if (at < 0) return -1;
    at = skipSpace(bytes, at);
    if (bytes[at] === close) return at + 1;
    if (bytes[at] !== 0x2c) return -1;
    at = skipSpace(bytes, at + 1);
  }
}

/** A text from after its opening quote, past the closing one. */
function skipRest(bytes: Uint8Array, from: number, end: number, mayEscape: boolean): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (special[byte] === 0) at++;
    else if (byte === 0x22) return at + 1;
    else if (byte >= 0x80) at = skipWideCharacter(bytes, at);
    else if (byte === 0x5c && mayEscape) at = skipEscape(bytes, at + 1);
    else return -1;
    if (at < 0) return -1;
  }
  return -1;
}

function skipEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    case 0x75: // u
      for (let digit = at + 1; digit <= at + 4; digit++) if (!isHexDigit(bytes[digit]!)) return -1;
      return at + 5;
    default:
      return -1;
  }
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

/** One character of two to four bytes: neither longer than it need be, nor half a pair, nor past the last one (RFC 3629, section 4). */
function skipWideCharacter(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  const second = bytes[at + 1]!;
  if (first >= 0xc2 && first <= 0xdf) return isTail(second) ? at + 2 : -1;
  if (!isTail(second) || !isTail(bytes[at + 2]!)) return -1;
  if (first === 0xe0) return second >= 0xa0 ? at + 3 : -1;
  if (first === 0xed) return second <= 0x9f ? at + 3 : -1;
  if (first >= 0xe1 && first <= 0xef) return at + 3;
  if (!isTail(bytes[at + 3]!)) return -1;
  if (first === 0xf0) return second >= 0x90 ? at + 4 : -1;
  if (first === 0xf4) return second <= 0x8f ? at + 4 : -1;
  return first >= 0xf1 && first <= 0xf3 ? at + 4 : -1;
}

function isTail(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function skipWord(bytes: Uint8Array, from: number, word: string): number {
  for (let index = 1; index < word.length; index++) if (bytes[from + index] !== word.charCodeAt(index)) return -1;
  return from + word.length;
}

function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  at = bytes[at] === 0x30 ? at + 1 : skipDigits(bytes, at);
  if (at > 0 && bytes[at] === 0x2e) at = skipDigits(bytes, at + 1);
  if (at > 0 && (bytes[at] === 0x65 || bytes[at] === 0x45)) {
    const sign = bytes[at + 1];
    at = skipDigits(bytes, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
  }
  return at;
}

/** At least one. */
function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
  return at > from ? at : -1;
}
