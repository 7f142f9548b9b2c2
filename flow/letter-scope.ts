import { codecOf } from "./codecs";
import { scopeOf } from "./expression";
import { type Header, Message } from "./message";
import type { Cause } from "./verdict";

export interface LetterBytes {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** A letter as a person wrote it, for one target: its value; key and headers where they were written, too. */
export interface EditedLetter extends Pick<LetterBytes, "value">, Partial<Omit<LetterBytes, "value">> {
  readonly target: "node" | "source";
}

/** A dead letter, as far as expressions see it. */
export interface ReadableLetter extends LetterBytes {
  readonly node: string;
  readonly version: number;
  readonly cause: Cause;
  readonly source: string;
  readonly lane: string;
  readonly position: string;
  readonly codec: string;
  readonly timestamp: number;
  readonly attempts: number;
  /** As it came from its source, where a step had changed it. */
  readonly original?: LetterBytes;
  /** What a person made of it before. */
  readonly edited?: EditedLetter;
}

/** The scope of a condition: body, key, headers and meta as they reached the node; cause (code, message, detail), node, version, attempts. */
export function scopeOfLetter(letter: ReadableLetter, message = messageOf(letter)): Readonly<Record<string, unknown>> {
  const scope = scopeOf(message);
  const { node, version, cause, attempts } = letter;
  return {
    get body() {
      return scope.body;
    },
    get key() {
      return scope.key;
    },
    get headers() {
      return scope.headers;
    },
    meta: scope.meta,
    cause,
    node,
    version,
    attempts,
  };
}

/** The message that is sent to a target: what reached the node or what came from the source, with an earlier edit in its place. */
export function readForTarget(letter: ReadableLetter, target: "node" | "source"): LetterBytes {
  const came = target === "source" && letter.original ? letter.original : letter;
  const { key = came.key, value, headers = came.headers } = letter.edited?.target === target ? letter.edited : came;
  return { key, value, headers };
}

/** The message as it would be sent to a target. */
export function messageToSend(letter: ReadableLetter, target: "node" | "source"): Message {
  return messageOf(letter, readForTarget(letter, target));
}

function messageOf(letter: ReadableLetter, bytes: LetterBytes = letter): Message {
  const { key, value, headers } = bytes;
  const { source, lane, position, timestamp, attempts } = letter;
  return new Message({
    key,
    value,
    headers,
    codec: codecOf(letter.codec),
    meta: { source, lane, position, timestamp, attempt: attempts },
  });
}
