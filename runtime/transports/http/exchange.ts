import type { Dispatcher } from "undici";
import type { HttpAnswer } from "../../../flow/connection-ports";
import { type AnswerBody, openBody } from "./answer-body";

export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | null;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** There was no answer within the time. */
export class AnswerLateError extends Error {
  override readonly name = "AnswerLateError";
}

/**
 * One request and its answer. On the client's lowest level: `fetch` costs ten times as much, most of it for streams and signals that nobody
 * here needs. Redirects are answers. Rejects with AnswerLateError, with the signal's reason, or with what went wrong.
 */
export function exchange(dispatcher: Dispatcher, request: Exchange, signal: AbortSignal): Promise<HttpAnswer> {
  const { url, method, headers, body, timeoutMs, maxAnswerBytes } = request;
  return new Promise((resolve, reject) => {
    let abort: ((why: Error) => void) | undefined;
    let isOver = false;
    let hasEnough = false;
    let status = 0;
    let answered: Record<string, string> = {};
    let answer: AnswerBody | undefined;
    const settle = (then: () => void) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      then();
    };
    const finish = () =>
      answer!.end((error, bytes, truncated) =>
        settle(() => (error ? reject(error) : resolve({ status, headers: answered, body: bytes, truncated }))),
      );
    const giveUp = (why: Error) => {
      settle(() => reject(why));
      abort?.(why);
    };
    const stop = () => giveUp(new Error("The request was stopped."));
    const timer = setTimeout(() => giveUp(new AnswerLateError()), timeoutMs);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop);
    const options = { origin: url.origin, path: url.pathname + url.search, method, headers, body };
    dispatcher.dispatch(options as Dispatcher.DispatchOptions, {
      onConnect(how) {
        abort = how;
        // Given up while it waited for a connection: it is not sent any more.
        if (isOver) how(new Error("The request was stopped."));
      },
      onHeaders(code, raw) {
        // What comes before the answer itself.
        if (code < 200) return true;
        status = code;
        answered = readHeaders(raw);
        answer = openBody(answered["content-encoding"]?.trim().toLowerCase(), maxAnswerBytes);
        return true;
      },
      onData(part) {
        if (isOver || hasEnough || answer!.add(part)) return true;
        hasEnough = true;
        finish();
        abort?.(new Error("The rest of the answer is not wanted."));
        return true;
      },
      onComplete: finish,
      onError(error) {
        if (!hasEnough) settle(() => reject(error));
      },
    });
  });
}

/** By names in small letters; those of one name joined, the last of several cookies. */
function readHeaders(raw: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toString("latin1").toLowerCase();
    const value = raw[at + 1]!.toString("latin1");
    const before = headers[name];
    headers[name] = before === undefined || name === "set-cookie" ? value : `${before}, ${value}`;
  }
  return headers;
}
