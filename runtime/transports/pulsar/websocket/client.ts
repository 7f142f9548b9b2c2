import type { ProducerOptions } from "../../../../flow/connections/pulsar-port";
import type { PulsarTopic } from "../../../../flow/connections/pulsar-topic";
import { readRefusal } from "../causes";
import { writeMessageId } from "../message-id";
import { finishFrame } from "../properties";
import type {
  ConsumerEvents,
  ConsumerOptions,
  Handle,
  MessageId,
  ProducerEvents,
  PulsarClient,
  PulsarConsumer,
  PulsarProducer,
  ReaderEvents,
  ReceivedMessage,
} from "../seam";
import { formatTopic } from "../topic";
import { WebAdmin } from "./admin";
import { WebConsumer } from "./consumer";
import { PulsarSocket, type SocketEvents } from "./socket";

/** The broker's own limit on how long it tries to write a message; past it, it says so. */
const sendTimeoutMs = 10_000;
/** Releases given back by name come again after this. */
const redeliveryMs = 100;

export interface PulsarSettings {
  /** `ws://host:8080` or `wss://…`, without a path. */
  readonly address: string;
  /** `http://host:8080` or `https://…`. */
  readonly adminAddress: string;
  readonly token: string | undefined;
}

interface Answer {
  readonly result?: string;
  readonly errorMsg?: string;
  readonly messageId?: string;
  readonly context?: string;
}

/** Pulsar over its WebSocket API and its admin API. */
export class WebSocketClient implements PulsarClient {
  readonly address: string;
  readonly admin: WebAdmin;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ address, adminAddress, token }: PulsarSettings) {
    this.address = address;
    // Named, a token that is refused is not taken for none.
    this.#headers =
      token === undefined ? {} : { authorization: `Bearer ${token}`, "x-pulsar-auth-method-name": "token" };
    this.admin = new WebAdmin(adminAddress, this.#headers);
  }

  async openProducer(topic: PulsarTopic, options: ProducerOptions, events: ProducerEvents): Promise<PulsarProducer> {
    const about = { address: this.address, topic: formatTopic(topic) };
    const url = this.#url("producer", topic);
    url.searchParams.set("sendTimeoutMillis", String(sendTimeoutMs));
    url.searchParams.set("batchingEnabled", String(options.batching));
    if (options.batching) url.searchParams.set("batchingMaxPublishDelay", "5");
    if (options.compression !== "none") url.searchParams.set("compressionType", options.compression.toUpperCase());
    const socket = await PulsarSocket.open(url, this.#headers, about, {
      text: (text) => {
        const answer = JSON.parse(text) as Answer;
        const at = Number(answer.context);
        if (answer.result === "ok") events.answered(at, answer.messageId ?? "", undefined);
        else events.answered(at, "", readRefusal(answer.result ?? "", answer.errorMsg ?? "", about));
      },
      closed: events.closed,
    });
    return {
      send: (at, frame) => socket.send(finishFrame(frame, at)),
      get backlog() {
        return socket.backlog;
      },
      waiting: () => socket.waiting(),
      close: () => socket.close(),
    };
  }

  async openConsumer(topic: PulsarTopic, options: ConsumerOptions, events: ConsumerEvents): Promise<PulsarConsumer> {
    const about = { address: this.address, topic: formatTopic(topic) };
    const url = this.#url("consumer", topic, options.subscription);
    const { deadLetter } = options;
    const parameters = {
      subscriptionType: typeNames[options.type],
      pullMode: "true",
      receiverQueueSize: String(options.prefetch),
      consumerName: options.name,
      negativeAckRedeliveryDelay: String(redeliveryMs),
      ...(deadLetter === undefined ? {} : { maxRedeliverCount: String(deadLetter.maxRedeliver) }),
      ...(deadLetter?.topic === undefined ? {} : { deadLetterTopic: deadLetter.topic }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const open = (socketEvents: SocketEvents) => PulsarSocket.open(url, this.#headers, about, socketEvents);
    return WebConsumer.open({ topic, options, admin: this.admin, events, open });
  }

  async openReader(topic: PulsarTopic, after: MessageId, events: ReaderEvents): Promise<Handle> {
    const about = { address: this.address, topic: formatTopic(topic) };
    const url = this.#url("reader", topic);
    url.searchParams.set("messageId", after.ledger < 0n ? "earliest" : writeMessageId(after));
    const socket = await PulsarSocket.open(url, this.#headers, about, {
      text: (text, reader) => {
        const message = JSON.parse(text) as ReceivedMessage;
        // Without an acknowledgement a reader stops after as many as it may have waiting.
        reader.send(`{"messageId":"${message.messageId}"}`);
        events.received(message);
      },
      closed: events.closed,
    });
    return { waiting: () => socket.waiting(), close: () => socket.close() };
  }

  #url(role: "producer" | "consumer" | "reader", topic: PulsarTopic, ...more: string[]): URL {
    const { tenant, namespace, name } = topic;
    const path = ["persistent", tenant, namespace, name, ...more].map(encodeURIComponent).join("/");
    return new URL(`/ws/v2/${role}/${path}`, this.address);
  }
}

const typeNames = { exclusive: "Exclusive", failover: "Failover", shared: "Shared", key_shared: "Key_Shared" } as const;
