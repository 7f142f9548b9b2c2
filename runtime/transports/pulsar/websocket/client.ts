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
  ReceivedMessage,
} from "../seam";
import { formatTopic } from "../topic";
import { WebAdmin } from "./admin";
import { PulsarSocket } from "./socket";

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
    const socket = await PulsarSocket.open(url, this.#headers, about, this.#receiving(events));
    return {
      permit: (count) => socket.send(`{"type":"permit","permitMessages":${count}}`),
      acknowledge: (id) => socket.send(`{"messageId":"${id}"}`),
      reject: (id) => socket.send(`{"type":"negativeAcknowledge","messageId":"${id}"}`),
      waiting: () => socket.waiting(),
      close: () => socket.close(),
    };
  }

  async openReader(topic: PulsarTopic, after: MessageId, events: ConsumerEvents): Promise<Handle> {
    const about = { address: this.address, topic: formatTopic(topic) };
    const url = this.#url("reader", topic);
    url.searchParams.set("messageId", after.ledger < 0n ? "earliest" : writeMessageId(after));
    const { text, closed } = this.#receiving(events);
    const socket = await PulsarSocket.open(url, this.#headers, about, {
      text: (message, reader) => {
        // Without an acknowledgement a reader stops after as many as it may have waiting.
        reader.send(`{"messageId":"${(JSON.parse(message) as ReceivedMessage).messageId}"}`);
        text(message);
      },
      closed,
    });
    return { waiting: () => socket.waiting(), close: () => socket.close() };
  }

  #receiving({ received, closed }: ConsumerEvents) {
    return {
      text: (text: string) => {
        const message = JSON.parse(text) as ReceivedMessage;
        if (typeof message.messageId === "string") received(message);
        // Anything else answers a question, and none is asked.
      },
      closed,
    };
  }

  #url(role: "producer" | "consumer" | "reader", topic: PulsarTopic, ...more: string[]): URL {
    const { tenant, namespace, name } = topic;
    const path = ["persistent", tenant, namespace, name, ...more].map(encodeURIComponent).join("/");
    return new URL(`/ws/v2/${role}/${path}`, this.address);
  }
}

const typeNames = { exclusive: "Exclusive", failover: "Failover", shared: "Shared", key_shared: "Key_Shared" } as const;
