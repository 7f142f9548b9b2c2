import { CodecError } from "../../../flow/codec";
import type { AddOptions, StreamEntry, StreamTrim } from "../../../flow/connections/redis-stream-port";
import { done, rejected, type Verdict } from "../../../flow/verdict";
import { partitionOf } from "../kafka/partitioner";
import { causeOf } from "./causes";
import { type FieldPart, writeFields } from "./layout";
import { addEntries } from "./scripts";
import type { RedisServer } from "./server";

const maxChunkEntries = 1_000;
const maxChunkBytes = 2 * 1024 * 1024;
/** What Redis takes as one value unless its `proto-max-bulk-len` says otherwise: a larger one ends the connection, without a word. */
const usualLimitBytes = 512 * 1024 * 1024;
/** The lowest that can be set: for anything smaller nobody need ask. */
const leastLimitBytes = 1024 * 1024;
const readAgainMs = 30_000;
/** As many as Lua takes as arguments of one call. */
const maxParts = 7_000;

interface Prepared {
  readonly index: number;
  readonly fields: readonly FieldPart[];
  readonly bytes: number;
}

/** Adds entries to their streams, with one verdict each in their order. Streams go side by side. Never rejects. */
export class StreamWriter {
  /** Where the next message without a key goes. */
  #spread = 0;
  #limit: { readonly at: number; readonly bytes: number } | undefined;

  constructor(readonly server: RedisServer) {}

  async add(entries: readonly StreamEntry[], options: AddOptions, signal: AbortSignal): Promise<Verdict[]> {
    const verdicts: Verdict[] = new Array(entries.length).fill(done);
    const byStream = new Map<string, Prepared[]>();
    const isLarge = entries.some(({ value }) => value !== null && value.length > leastLimitBytes);
    const limit = isLarge ? await this.#askLimit() : usualLimitBytes;
    for (const [index, entry] of entries.entries()) {
      const prepared = prepare(entry, index, options, limit);
      if ("verdict" in prepared) {
        verdicts[index] = prepared;
        continue;
      }
      const stream = this.#placeOf(entry, options.partitions);
      const ofStream = byStream.get(stream);
      if (ofStream) ofStream.push(prepared);
      else byStream.set(stream, [prepared]);
    }
    await Promise.all([...byStream].map(([stream, all]) => this.#addTo(stream, all, options.trim, signal, verdicts)));
    return verdicts;
  }

  #placeOf({ stream, key }: StreamEntry, partitions: number): string {
    if (partitions <= 1) return stream;
    const partition = key === null ? this.#spread++ % partitions : partitionOf(key, partitions);
    return nameOfPartition(stream, partition);
  }

  /** Chunk by chunk, each whole or not at all: what follows one that failed is not tried, so the order stays. */
  async #addTo(
    stream: string,
    entries: readonly Prepared[],
    trim: StreamTrim | undefined,
    signal: AbortSignal,
    verdicts: Verdict[],
  ): Promise<void> {
    let failure: Verdict | undefined;
    for (const chunk of divide(entries)) {
      failure ??= signal.aborted ? stopped : await this.#addChunk(stream, chunk, trim, verdicts);
      if (failure) for (const { index } of chunk) verdicts[index] = failure;
    }
  }

  async #addChunk(
    stream: string,
    chunk: readonly Prepared[],
    trim: StreamTrim | undefined,
    verdicts: Verdict[],
  ): Promise<Verdict | undefined> {
    try {
      const client = await this.server.ready();
      const args: (string | number | Buffer)[] = writeTrim(trim);
      for (const { fields } of chunk) {
        args.push(fields.length);
        for (const part of fields) args.push(part);
      }
      const ids = (await addEntries.run(client, [stream], args)) as Buffer[];
      for (const [at, { index }] of chunk.entries())
        verdicts[index] = { verdict: "done", note: { stream, id: ids[at]!.toString("latin1") } };
      return undefined;
    } catch (error) {
      return { verdict: "retry", of: "dependency", cause: causeOf(error, this.server.address, stream) };
    }
  }

  /** What the server takes as one value: told from time to time, as it may be set anew. */
  async #askLimit(): Promise<number> {
    const now = Date.now();
    if (this.#limit !== undefined && Math.abs(now - this.#limit.at) < readAgainMs) return this.#limit.bytes;
    try {
      const client = await this.server.ready();
      const [, told] = (await client.call("CONFIG", "GET", "proto-max-bulk-len")) as string[];
      this.#limit = { at: now, bytes: Number(told) || usualLimitBytes };
      return this.#limit.bytes;
    } catch {
      // Hosted servers forbid CONFIG.
      return usualLimitBytes;
    }
  }
}

/** Partition `n` of a stream: a stream of its own, so that a cluster spreads them. */
export function nameOfPartition(stream: string, partition: number): string {
  return `${stream}.${partition}`;
}

const stopped: Verdict = {
  verdict: "retry",
  of: "dependency",
  cause: { code: "broker-unreachable", message: "Stopped before the entries were added." },
};

function writeTrim(trim: StreamTrim | undefined): (string | number)[] {
  if (trim === undefined) return ["", 0];
  return "maxLength" in trim ? ["MAXLEN", trim.maxLength] : ["MINID", trim.maxAgeMs];
}

function prepare(entry: StreamEntry, index: number, { layout }: AddOptions, limit: number): Prepared | Verdict {
  let fields: FieldPart[];
  try {
    fields = writeFields(entry, layout);
  } catch (error) {
    if (error instanceof CodecError) return rejected(error.code, error.message);
    throw error;
  }
  if (fields.length > maxParts)
    return rejected(
      "message-too-large",
      `The entry would have ${fields.length / 2} fields; ${maxParts / 2} are the most.`,
    );
  let bytes = 0;
  for (const part of fields) {
    bytes += part.length;
    if (part.length <= limit) continue;
    const words = `A field would have ${part.length} bytes; this Redis takes ${limit} at most (proto-max-bulk-len).`;
    return rejected("message-too-large", words);
  }
  return { index, fields, bytes };
}

function* divide(entries: readonly Prepared[]): Generator<Prepared[]> {
  let chunk: Prepared[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (chunk.length === maxChunkEntries || (chunk.length > 0 && bytes + entry.bytes > maxChunkBytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(entry);
    bytes += entry.bytes;
  }
  if (chunk.length > 0) yield chunk;
}
