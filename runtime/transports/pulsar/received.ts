import type { Codec } from "../../../flow/codec";
import { type Header, Message, type MessageInit, type MessageMeta } from "../../../flow/message";
import { formatMessageId, readMessageId } from "./message-id";
import { readHeaders, readKey, readValue } from "./properties";
import type { ReceivedMessage } from "./seam";

interface At {
  readonly name: string;
  readonly node: string;
  readonly codec: Codec;
}

/** A received message; its parts are made of the base64 and the properties when they are asked for. */
export function readReceived(received: ReceivedMessage, { name, node, codec }: At): Message {
  const meta: MessageMeta = {
    source: node,
    lane: name,
    position: formatMessageId(readMessageId(received.messageId)),
    timestamp: Date.parse(received.publishTime),
    attempt: (received.redeliveryCount ?? 0) + 1,
  };
  return new Message(new ReceivedParts(received, meta, codec));
}

class ReceivedParts implements MessageInit {
  #headers: readonly Header[] | undefined;

  constructor(
    private readonly received: ReceivedMessage,
    readonly meta: MessageMeta,
    readonly codec: Codec,
  ) {}

  get key(): Uint8Array | null {
    return readKey(this.received);
  }

  get value(): Uint8Array | null {
    return readValue(this.received);
  }

  get headers(): readonly Header[] {
    this.#headers ??= readHeaders(this.received);
    return this.#headers;
  }

  get bytes(): number {
    const { payload, key } = this.received;
    return ((payload.length * 3) >> 2) + (key?.length ?? 0);
  }
}
