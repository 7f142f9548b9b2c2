import type { PulsarTopic } from "../../../../flow/connections/pulsar-topic";
import { TransportError } from "../../../transport";
import { readMessageId, writeMessageId } from "../message-id";
import type { ConsumerEvents, ConsumerOptions, PulsarConsumer, ReceivedMessage } from "../seam";
import type { WebAdmin } from "./admin";
import type { Entry, EntryMessage } from "./entry";
import type { PulsarSocket, SocketEvents } from "./socket";

/** How long it must have been quiet before somebody looks why; twice as long, up to a limit, each time that there is no reason. */
const patience = { firstMs: 1_000, mostMs: 8_000 };
/** Where one message without a value was, others may follow. */
const impatience = { firstMs: 100, mostMs: 400 };
const mostEntries = 100;
const mostLooked = 1_000;
/** Between two sessions. */
const closePatienceMs = 50;

interface WebConsumerInit {
  readonly topic: PulsarTopic;
  readonly options: ConsumerOptions;
  readonly admin: WebAdmin;
  readonly events: ConsumerEvents;
  open(events: SocketEvents): Promise<PulsarSocket>;
}

/** An entry that was read by the admin API: acknowledged as a whole, when all of it is. */
interface Fetched {
  readonly id: string;
  open: number;
  isRejected: boolean;
}

/**
 * A consumer over a WebSocket. Pulsar's end of it (4.0) fails in silence at a message whose value is `null`, and hands out nothing more. So
 * a consumer that is quiet looks whether such a message is what it waits for, fetches it by the admin API, and begins a new session behind it.
 */
export class WebConsumer implements PulsarConsumer {
  #socket: PulsarSocket | undefined;
  #permits = 0;
  #lastId: string | undefined;
  #lastAt = Date.now();
  readonly #fetched = new Map<string, Fetched>();
  #looks = patience;
  #lookAfterMs = patience.firstMs;
  /** In a row, that found it given messages and none of them. */
  #stuckLooks = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(private readonly init: WebConsumerInit) {}

  /** @throws TransportError */
  static async open(init: WebConsumerInit): Promise<WebConsumer> {
    const consumer = new WebConsumer(init);
    await consumer.#connect();
    consumer.#planLook();
    return consumer;
  }

  permit(count: number): void {
    this.#permits += count;
    this.#socket?.send(`{"type":"permit","permitMessages":${count}}`);
  }

  acknowledge(id: string): void {
    if (!this.#endFetched(id, false)) this.#socket?.send(`{"messageId":"${id}"}`);
  }

  reject(id: string): void {
    if (!this.#endFetched(id, true)) this.#socket?.send(`{"type":"negativeAcknowledge","messageId":"${id}"}`);
  }

  waiting(): number | undefined {
    return this.#socket?.waiting();
  }

  async close(): Promise<void> {
    this.#end();
    await this.#socket?.close();
  }

  async #connect(): Promise<void> {
    const socket = await this.init.open({
      text: (text) => {
        const message = JSON.parse(text) as ReceivedMessage;
        // Anything else answers a question, and none is asked.
        if (typeof message.messageId !== "string") return;
        this.#permits--;
        this.#lastId = message.messageId;
        this.#lastAt = Date.now();
        this.#lookAfterMs = this.#looks.firstMs;
        this.#stuckLooks = 0;
        this.init.events.received(message);
      },
      closed: (why) => {
        if (this.#isClosed) return;
        this.#end();
        this.init.events.closed(why);
      },
    });
    if (this.#isClosed) await socket.close();
    else this.#socket = socket;
  }

  #end(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #planLook(): void {
    if (this.#isClosed) return;
    const inMs = Math.max(this.#lastAt + this.#lookAfterMs - Date.now(), 0);
    this.#timer = setTimeout(() => void this.#look(), inMs);
  }

  async #look(): Promise<void> {
    const isQuiet = () =>
      Date.now() - this.#lastAt >= this.#lookAfterMs && this.#permits > 0 && this.init.events.inHand() === 0;
    if (!isQuiet()) {
      // Something is worked on, or came meanwhile.
      if (Date.now() - this.#lastAt >= this.#lookAfterMs) this.#lastAt = Date.now();
      this.#planLook();
      return;
    }
    let found: { readonly isStuck: boolean; readonly entries: readonly Entry[] } = { isStuck: false, entries: [] };
    try {
      found = await this.#findUntold();
    } catch (error) {
      // Whoever may not ask, or is not answered, is told of an away broker by the connection itself.
      if (!(error instanceof TransportError)) throw error;
    }
    if (this.#isClosed) return;
    if (found.entries.length > 0 && isQuiet()) {
      this.#handOut(found.entries);
      return;
    }
    this.#stuckLooks = found.isStuck ? this.#stuckLooks + 1 : 0;
    if (this.#stuckLooks > 1 && isQuiet()) {
      // Another consumer took the message for its own, and acknowledged it.
      await this.#begin(patience);
      return;
    }
    this.#lastAt = Date.now();
    this.#lookAfterMs = Math.min(this.#lookAfterMs * 2, this.#looks.mostMs);
    this.#planLook();
  }

  /** Entries that this consumer was given and cannot be told of. `isStuck`: it surely was given some. @throws TransportError */
  async #findUntold(): Promise<{ isStuck: boolean; entries: Entry[] }> {
    const { admin, topic, options } = this.init;
    const { subscription, type, name } = options;
    const isAlone = type === "exclusive" || type === "failover";
    const entries: Entry[] = [];
    let isStuck = false;
    for (let position = 1; position <= mostLooked && entries.length < mostEntries; position++) {
      const entry = await admin.peek(topic, subscription, position);
      if (entry === undefined) break;
      if (position === 1) {
        const { active, unacknowledged } = await admin.consumers(topic, subscription);
        isStuck = !isAlone && (unacknowledged[name] ?? 0) > 0;
        // What waits is another's.
        if (isAlone ? active !== undefined && active !== name : !isStuck) break;
      }
      const messages = this.#leaveOutTold(entry, isAlone);
      if (messages.some(({ isNull }) => isNull)) entries.push({ ...entry, messages });
      // Those that were told are being acknowledged. Behind others nothing was given out, or, of shared keys, order asks to wait for them.
      else if (messages.length > 0 && type !== "shared") break;
    }
    return { isStuck, entries };
  }

  /** What was received; of a batch, what came before the message without a value was. */
  #leaveOutTold({ id, messages }: Entry, isAlone: boolean): readonly EntryMessage[] {
    if (this.#lastId === undefined) return messages;
    const { ledger, entry, batchIndex = 0 } = readMessageId(this.#lastId);
    if (isAlone && (id.ledger < ledger || (id.ledger === ledger && id.entry < entry))) return [];
    if (ledger !== id.ledger || entry !== id.entry) return messages;
    return messages.filter(({ batchIndex: index = 0 }) => index > batchIndex);
  }

  #handOut(entries: readonly Entry[]): void {
    const received: ReceivedMessage[] = [];
    for (const { id, messages } of entries) {
      const fetched: Fetched = { id: writeMessageId(id), open: messages.length, isRejected: false };
      for (const { batchIndex, ...message } of messages) {
        const messageId = writeMessageId(batchIndex === undefined ? id : { ...id, batchIndex });
        this.#fetched.set(messageId, fetched);
        received.push({ ...message, messageId });
      }
    }
    this.#permits -= received.length;
    for (const message of received) this.init.events.received(message);
  }

  /** `false`: it came over the connection. */
  #endFetched(id: string, isRejected: boolean): boolean {
    if (this.#fetched.size === 0) return false;
    const fetched = this.#fetched.get(id);
    if (fetched === undefined) return false;
    this.#fetched.delete(id);
    fetched.open--;
    fetched.isRejected ||= isRejected;
    // An entry that is given back comes again, as a whole.
    if (fetched.open === 0 && !fetched.isRejected) this.#socket?.send(`{"messageId":"${fetched.id}"}`);
    if (this.#fetched.size === 0) void this.#begin(impatience);
    return true;
  }

  /** A new session, behind what was fetched. */
  async #begin(looks: typeof patience): Promise<void> {
    const old = this.#socket;
    this.#socket = undefined;
    await old?.close(closePatienceMs);
    if (this.#isClosed) return;
    try {
      await this.#connect();
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (this.#isClosed) return;
      this.#end();
      this.init.events.closed({ cause: error.reason });
      return;
    }
    if (this.#isClosed) return;
    const permits = Math.max(this.#permits, 0);
    this.#permits = 0;
    if (permits > 0) this.permit(permits);
    this.#lastId = undefined;
    this.#lastAt = Date.now();
    this.#stuckLooks = 0;
    this.#looks = looks;
    this.#lookAfterMs = looks.firstMs;
    this.#planLook();
  }
}
