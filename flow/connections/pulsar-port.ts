import type { OpenSource, SourceHandlers, StartingPlace } from "../behaviour";
import type { Codec } from "../codec";
import type { Header } from "../message";
import type { RequestPort } from "../request-reply";
import type { Verdict } from "../verdict";

/** How consumers of one subscription share its messages, in Pulsar's own words. */
export type SubscriptionType = "exclusive" | "failover" | "shared" | "key_shared";

export interface PulsarPort extends RequestPort {
  /**
   * Consumes a topic by a durable subscription; lanes are the topic, or its partitions (`orders-partition-2`), positions are message ids
   * (`12:5:2`: ledger, entry, partition). Where a subscription begins is pinned when it is made.
   */
  consume(
    options: {
      readonly node: string;
      readonly topic: string;
      readonly subscription: string;
      /** Of a worker that gets all by itself: `subscription` is its own then and goes with it, and its lanes have this behind the topic. */
      readonly ownName?: string;
      readonly type: SubscriptionType;
      /** `start` of the node's config, used when the deployment does not say otherwise. */
      readonly fallback: "earliest" | "latest";
      readonly start: StartingPlace;
      /** Messages that a consumer may have waiting in the broker's proxy. */
      readonly prefetch: number;
      /** After so many deliveries without an acknowledgement Pulsar moves a message away. Shared and key_shared only. */
      readonly deadLetter?: { readonly maxRedeliver: number; readonly topic?: string };
      readonly codec: Codec;
      readonly signal: AbortSignal;
    },
    handlers: SourceHandlers,
  ): Promise<OpenSource>;
  /** Writes messages, one verdict each; those of one topic in their order, many on their way at once. */
  produce(messages: readonly PulsarMessage[], options: ProducerOptions, signal: AbortSignal): Promise<Verdict[]>;
}

export interface PulsarMessage {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
  /** Shared subscriptions get it so much later. */
  readonly deliverAfterMs?: number;
}

export interface ProducerOptions {
  /** Many messages become one entry of the topic. Consumers of a key_shared subscription need it off. */
  readonly batching: boolean;
  readonly compression: PulsarCompression;
}

export type PulsarCompression = "none" | "lz4" | "zlib" | "zstd" | "snappy";
