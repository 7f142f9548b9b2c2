import type { Header, Message } from "../../flow/message";
import {
  type Answer,
  type ReplyAddress,
  type ReplyEnd,
  readReplyAddress,
  replyHeaders,
} from "../../flow/request-reply";
import { FirstAnswers, type WriteEnd } from "./first-answers";

/** An answer as it is written to an address. */
export interface ReplyRecord {
  /** That of the request. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** Answers messages at the address that their headers name. */
export class AddressReplies {
  readonly #first = new FirstAnswers();

  /** `write` never rejects. */
  constructor(readonly write: (address: ReplyAddress, record: ReplyRecord, signal: AbortSignal) => Promise<WriteEnd>) {}

  /** Never rejects. */
  readonly reply = async (message: Message, answer: Answer, signal: AbortSignal): Promise<ReplyEnd> => {
    const address = readReplyAddress(message.headers);
    if (!address) return { is: "unasked" };
    const record = { key: message.key, value: answer.body, headers: replyHeaders(address, answer) };
    return this.#first.answer(message, () => this.write(address, record, signal));
  };
}
