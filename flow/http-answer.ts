import { jsonCodec } from "./codecs/json";
import type { HttpAnswer } from "./connection-ports";

/** An answer is kept up to here; a longer one cannot go into a body. */
export const maxAnswerBytes = 1_048_576;
/** How much of a failing answer a person gets to read. */
const maxDetailCharacters = 500;
const utf8 = new TextDecoder();

/** What an answer says: JSON when its content type says so and it is, else text; `null` where it is empty. */
export function readAnswer(answer: HttpAnswer): unknown {
  if (answer.body.length === 0) return null;
  if (answer.headers["content-type"]?.includes("json") && !answer.truncated) {
    try {
      return jsonCodec.decode(answer.body);
    } catch {
      // Not JSON after all: the text says more than an error would.
    }
  }
  return utf8.decode(answer.body);
}

/** The beginning of an answer as text, for a person; `undefined` where it is empty. */
export function readDetail(answer: HttpAnswer): string | undefined {
  const text = utf8.decode(answer.body.subarray(0, maxDetailCharacters * 4)).slice(0, maxDetailCharacters);
  return text === "" ? undefined : text;
}

/** A `Retry-After` header, seconds or a date as RFC 9110 has it, in milliseconds from `now`. */
export function readRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(delayMs) && delayMs >= 0 ? delayMs : undefined;
}
