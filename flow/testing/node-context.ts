import type { NodeContext, SourceContext, SourceHandlers } from "../behaviour";
import { jsonCodec } from "../codecs/json";
import type { ConnectionPorts } from "../connection-ports";
import { Message, type MessageInit, type MessageMeta } from "../message";
import { noHolding } from "./holding";
import { MemoryReceivedKeys } from "./received-keys";

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** A context as the worker gives it, over ports in memory. */
export function makeContext(ports: Partial<ConnectionPorts> = {}): NodeContext {
  return {
    flow: "orders",
    groupName: "orders",
    environment: "default",
    version: 1,
    node: "here",
    input: "in",
    connection(kind) {
      const port = ports[kind];
      if (!port) throw new Error(`The test gave no ${kind} port.`);
      return port;
    },
    receivedKeys: new MemoryReceivedKeys().worker(),
    holding: noHolding,
    reply: async () => ({ is: "unasked" }),
    count: () => {},
    log: () => {},
    now: () => Date.now(),
  };
}

export function makeSourceContext(
  change: Partial<SourceContext> = {},
  ports?: Partial<ConnectionPorts>,
): SourceContext {
  return {
    ...makeContext(ports),
    groupId: "millrace.default.orders.here",
    worker: "w-1",
    start: { from: "kind" },
    counter: 0n,
    delivery: "at-least-once",
    responds: () => false,
    signal: new AbortController().signal,
    ...change,
  };
}

/** A message with a JSON body, as a source makes it of bytes. */
export function makeMessage(
  body: unknown,
  more: { readonly key?: string; readonly headers?: Readonly<Record<string, string>>; readonly position?: string } = {},
): Message {
  return makeRawMessage({
    key: more.key === undefined ? null : utf8.encode(more.key),
    value: jsonCodec.encode(body),
    headers: Object.entries(more.headers ?? {}).map(([name, value]) => [name, utf8.encode(value)] as const),
    position: more.position,
  });
}

export function makeRawMessage(
  init: Partial<Omit<MessageInit, "meta">> & {
    readonly position?: string | undefined;
    readonly meta?: Partial<MessageMeta>;
  },
): Message {
  return new Message({
    key: null,
    value: null,
    headers: [],
    codec: jsonCodec,
    ...init,
    meta: {
      source: "source",
      lane: "orders/0",
      position: init.position ?? "7",
      timestamp: 1_763_856_000_000,
      attempt: 1,
      ...init.meta,
    },
  });
}

/** The text of bytes; `null` stays. */
export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : fromUtf8.decode(bytes);
}

/** Headers as text, as a map. */
export function headersOf(message: Pick<Message, "headers">): Record<string, string> {
  return Object.fromEntries(message.headers.map(([name, value]) => [name, fromUtf8.decode(value)]));
}

/** Handlers that keep what a source says, and let a test hold the flow back. */
export class RecordedHandlers implements SourceHandlers {
  readonly assignments: [lane: string, epoch: number][] = [];
  readonly delivered: Message[] = [];
  readonly batches: number[] = [];
  readonly states: Parameters<SourceHandlers["state"]>[0][] = [];
  #room: Promise<void> = Promise.resolve();
  #makeRoom: () => void = () => {};

  assigned(lane: string, epoch: number): void {
    this.assignments.push([lane, epoch]);
  }
  async deliver(_lane: string, _epoch: number, messages: readonly Message[]): Promise<void> {
    this.delivered.push(...messages);
    this.batches.push(messages.length);
    await this.#room;
  }
  async revoked(): Promise<void> {}
  state(state: Parameters<SourceHandlers["state"]>[0]): void {
    this.states.push(state);
  }

  /** From now on a delivery waits until there is room again. */
  fill(): void {
    this.#room = new Promise((resolve) => {
      this.#makeRoom = resolve;
    });
  }
  makeRoom(): void {
    this.#makeRoom();
    this.#room = Promise.resolve();
  }
}
