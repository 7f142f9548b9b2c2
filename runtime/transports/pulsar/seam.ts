import type { ProducerOptions, SubscriptionType } from "../../../flow/connections/pulsar-port";
import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";
import type { Cause } from "../../../flow/verdict";

/**
 * What the transport needs of a Pulsar client, and no more. `websocket/` speaks Pulsar's WebSocket API; a native client that takes its
 * place implements this, and nothing above changes. Each handle is one attempt: when its connection is lost, `closed` is told once and
 * it is of no more use. Making a new one, with patience, is the work of those who hold it.
 */
export interface PulsarClient {
  /** In words to people, without credentials: `ws://127.0.0.1:8080`. */
  readonly address: string;
  readonly admin: PulsarAdmin;
  /** @throws TransportError when it cannot be opened. */
  openProducer(topic: PulsarTopic, options: ProducerOptions, events: ProducerEvents): Promise<PulsarProducer>;
  /** One partition, or a topic that has none. Delivers nothing before it is permitted. @throws TransportError */
  openConsumer(topic: PulsarTopic, options: ConsumerOptions, events: ConsumerEvents): Promise<PulsarConsumer>;
  /** Reads from behind a message on, moving no subscription. @throws TransportError */
  openReader(topic: PulsarTopic, after: MessageId, events: ReaderEvents): Promise<Handle>;
}

export interface Handle {
  /** Since when the other end owes an answer; `undefined` when it owes none. */
  waiting(): number | undefined;
  /** Says goodbye, and gives up on an answer after a second. */
  close(): Promise<void>;
}

export interface PulsarProducer extends Handle {
  /** `at` is the sender's own mark, named again with the answer. Messages are taken in this order. */
  send(at: number, frame: Frame): void;
  /** Bytes that wait to go out. */
  readonly backlog: number;
}

/** A message ready to be sent, in whatever form the client takes it. */
export interface Frame {
  readonly text: string;
  readonly size: number;
}

export interface ProducerEvents {
  /** `refusal`: the broker did not take it. */
  answered(at: number, messageId: string, refusal: Refusal | undefined): void;
  closed(why: Closing): void;
}

/** `message`: this message can never be written; `broker`: another try may succeed. */
export interface Refusal {
  readonly of: "message" | "broker";
  readonly cause: Cause;
}

export interface Closing {
  readonly cause: Cause;
  /** A message was too large for the connection itself, which does not say which. */
  readonly tooLarge?: true;
}

export interface PulsarConsumer extends Handle {
  /** So many more may come. */
  permit(count: number): void;
  /** Each by itself; there is no answer. */
  acknowledge(id: string): void;
  /** To be delivered again, to whoever is there. */
  reject(id: string): void;
}

export interface ConsumerOptions {
  readonly subscription: string;
  readonly type: SubscriptionType;
  readonly prefetch: number;
  readonly deadLetter?: { readonly maxRedeliver: number; readonly topic?: string };
  /** How this worker is called in the broker's lists; decides, where one of several is active, which. */
  readonly name: string;
}

export interface ReaderEvents {
  received(message: ReceivedMessage): void;
  closed(why: Closing): void;
}

export interface ConsumerEvents extends ReaderEvents {
  /** Messages received that are neither acknowledged nor rejected. */
  inHand(): number;
}

/** As it came. */
export interface ReceivedMessage {
  /** The client's own form of the id, for acknowledging. */
  readonly messageId: string;
  /** Base64. */
  readonly payload: string;
  /** It has no value: a tombstone of a native client. */
  readonly isNull?: boolean;
  readonly properties?: Readonly<Record<string, string>> | null;
  readonly key?: string | null;
  /** ISO. */
  readonly publishTime: string;
  readonly redeliveryCount?: number;
}

export interface MessageId {
  /** -1 = before the first. 64 bits: beyond what a number holds exactly. */
  readonly ledger: bigint;
  readonly entry: bigint;
  readonly partition: number;
  /** Within an entry of several. */
  readonly batchIndex?: number;
}

/** Questions and commands over Pulsar's admin API. Each throws a TransportError. */
export interface PulsarAdmin {
  version(): Promise<string>;
  /** 0 = a topic without partitions; `undefined` = there is none. */
  partitions(topic: PulsarTopic): Promise<number | undefined>;
  /** Topics of a namespace; partitioned ones once, with their partitions left out. */
  topics(tenant: string, namespace: string): Promise<string[]>;
  namespaces(tenant: string): Promise<string[]>;
  subscriptions(topic: PulsarTopic): Promise<string[]>;
  /** `false` when it was there already. */
  createSubscription(topic: PulsarTopic, name: string, from: "earliest" | "latest"): Promise<boolean>;
  /** Of all partitions; one that is not there is no failure. @throws TransportError */
  deleteSubscription(topic: PulsarTopic, name: string): Promise<void>;
  /** Moves it to the first message published at that time or later. */
  seek(topic: PulsarTopic, subscription: string, time: number): Promise<void>;
  /** Messages not acknowledged, by subscription, of each partition; of a topic without, one. */
  backlogs(topic: PulsarTopic, partitions: number): Promise<Readonly<Record<string, number>>[]>;
  /** Messages kept, in all partitions. */
  messages(topic: PulsarTopic, partitions: number): Promise<number>;
  /** Of one partition: its ledgers, oldest first, with the number of entries each. */
  ledgers(topic: PulsarTopic): Promise<{ ledger: bigint; entries: number }[]>;
  /** `false` when it was there already. */
  createTopic(topic: PulsarTopic, partitions: number): Promise<boolean>;
  /** What its namespace keeps, and how many copies it writes; what may not be asked is left out. */
  policies(topic: PulsarTopic): Promise<TopicPolicies>;
}

export interface TopicPolicies {
  readonly brokers?: number;
  /** Copies that must be written before a message counts. */
  readonly ackQuorum?: number;
  readonly writeQuorum?: number;
  /** After being acknowledged: -1 = for ever, 0 = not. */
  readonly retentionMinutes?: number;
  /** Not acknowledged in that time: counts as acknowledged. */
  readonly ttlSeconds?: number;
  /** What is done when a backlog exceeds its limit. */
  readonly quota?: { readonly policy: string; readonly limitBytes?: number; readonly limitSeconds?: number };
  readonly deduplication?: boolean;
}
