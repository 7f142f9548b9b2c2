import { codecOf } from "../flow/codecs";
import { bytesCodec } from "../flow/codecs/bytes";
import { type Header, Message, setHeader } from "../flow/message";
import { deadLetterHeader } from "./dead-letter";
import type { StoredLetter } from "./redrive";
import type { ForwardedLetter } from "./transport";

/** A dead letter that is also to be written to a place on a broker. */
export interface ForwardLetter extends StoredLetter {
  readonly flow: string;
  /** When it failed last, as the store has it; a letter that failed again since is another one. */
  readonly failedAt: string;
}

/** The message's own headers and, behind them, what became of it. Names are told in docs/messages.md. */
export function makeForwardHeaders(letter: ForwardLetter): Header[] {
  const told: Record<string, string> = {
    [deadLetterHeader]: letter.id,
    "millrace-error-code": letter.cause.code,
    "millrace-error-message": letter.cause.message,
    "millrace-error-node": letter.node,
    "millrace-flow": letter.flow,
    "millrace-version": String(letter.version),
    "millrace-source": letter.source,
    "millrace-lane": letter.lane,
    "millrace-position": letter.position,
    "millrace-timestamp": new Date(letter.timestamp).toISOString(),
    "millrace-attempts": String(letter.attempts),
    "millrace-failed-at": letter.failedAt,
  };
  let headers = [...letter.headers];
  for (const [name, value] of Object.entries(told)) headers = setHeader(headers, name, value);
  return headers;
}

/** The letter as a transport writes it. */
export function makeForwarded(letter: ForwardLetter): ForwardedLetter {
  const message = new Message({
    key: letter.key,
    value: letter.value,
    headers: makeForwardHeaders(letter),
    codec: codecFor(letter),
    meta: {
      source: letter.source,
      lane: letter.lane,
      position: letter.position,
      timestamp: letter.timestamp,
      attempt: letter.attempts,
    },
  });
  return { id: `${letter.id}-${letter.attempts}`, message };
}

/** Bytes that are not what their codec says go as bytes: it may be just that which made it a dead letter. */
function codecFor({ value, codec }: ForwardLetter) {
  const wanted = codecOf(codec);
  if (value === null) return wanted;
  try {
    wanted.decode(value);
    return wanted;
  } catch {
    return bytesCodec;
  }
}
