import type { OpenSource, SourceHandlers, StartingPlace } from "../behaviour";
import type { Codec } from "../codec";
import type { Header } from "../message";
import type { RequestPort } from "../request-reply";
import type { Verdict } from "../verdict";

/** What a connection of the kind `redis` gives to nodes. */
export interface RedisStreamPort extends RequestPort {
  /**
   * Reads a stream, or its partitions, as a consumer of a group; lanes are streams, positions entry ids, settled up to a position in the
   * order in which they were handed over.
   */
  consume(
    options: {
      readonly node: string;
      readonly stream: string;
      /** 1 = the stream itself; more: `<stream>.0`, `<stream>.1`, … */
      readonly partitions: number;
      /** `workers`: all read it side by side. `one-worker`: each stream is read by one worker at a time, so its order is kept. */
      readonly sharing: StreamSharing;
      readonly group: string;
      /** Of a worker that gets all by itself: `group` is its own then, and its lanes have this behind their names. */
      readonly ownName?: string;
      /** `start` of the node's config, used when the deployment does not say otherwise. */
      readonly fallback: "earliest" | "latest";
      readonly start: StartingPlace;
      /** When entries were trimmed, or the group vanished, before they were read. */
      readonly onGap: "halt" | "earliest" | "latest";
      /** After so many deliveries an entry is given up: whoever worked it died. */
      readonly maxDeliveries: number;
      readonly layout: StreamLayout;
      readonly codec: Codec;
      readonly signal: AbortSignal;
    },
    handlers: SourceHandlers,
  ): Promise<OpenSource>;
  /** Adds entries, one verdict each, those of a stream in their order. */
  add(entries: readonly StreamEntry[], options: AddOptions, signal: AbortSignal): Promise<Verdict[]>;
}

export type StreamSharing = "workers" | "one-worker";

/**
 * How a message rides in an entry's fields. `message`: `key`, `value`, one `header:<name>` for each header, and `tombstone` where there is
 * no value; entries that have other fields are read as `fields`. `fields`: all fields are the body, as a JSON object.
 */
export type StreamLayout = "message" | "fields";

export interface StreamEntry {
  readonly stream: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

export interface AddOptions {
  /** More than 1: an entry goes to `<stream>.<n>`, by Java's default partitioner (murmur2 of the key; without a key, spread). */
  readonly partitions: number;
  /** `fields`: the value is a JSON object, and its members become the fields; key and headers are not written. */
  readonly layout: StreamLayout;
  /** What each adding removes from the beginning of the stream. Absent: nothing. */
  readonly trim?: StreamTrim;
}

export type StreamTrim =
  /** Keeps about so many entries. */
  | { readonly maxLength: number }
  /** Removes entries that are older. */
  | { readonly maxAgeMs: number };
