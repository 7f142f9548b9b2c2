import { takeOver } from "./scripts";
import type { RedisClient } from "./server";

/** An entry that was handed to a consumer and not acknowledged. */
export interface Pending {
  readonly id: string;
  readonly consumer: string;
  readonly idleMs: number;
  /** How often it was handed out. */
  readonly deliveries: number;
}

export interface Consumer {
  readonly name: string;
  readonly pending: number;
}

/** An entry as it was read: its id, and names and values by turns. */
export type Entry = readonly [id: Buffer, fields: readonly Buffer[]];

const pageSize = 1_000;

/** A group of a stream, as questions and commands about what is pending in it. */
export class PendingEntries {
  constructor(
    readonly stream: string,
    readonly group: string,
  ) {}

  /** Up to a page of what is pending behind an id, of one consumer or of all, in the order of the stream. */
  async list(client: RedisClient, behind: string | undefined, consumer?: string): Promise<Pending[]> {
    const from = behind === undefined ? "-" : `(${behind}`;
    const who = consumer === undefined ? [] : [consumer];
    const answer = (await client.call("XPENDING", this.stream, this.group, from, "+", pageSize, ...who)) as [
      string,
      string,
      number,
      number,
    ][];
    return answer.map(([id, name, idleMs, deliveries]) => ({ id, consumer: name, idleMs, deliveries }));
  }

  async consumers(client: RedisClient): Promise<Consumer[]> {
    const answer = (await client.call("XINFO", "CONSUMERS", this.stream, this.group)) as unknown[][];
    return answer.map((fields) => ({ name: String(pick(fields, "name")), pending: Number(pick(fields, "pending")) }));
  }

  /**
   * Takes entries over, those that are still whose they were. `undefined` = the lease is another's. `gone`: trimmed, and left pending.
   */
  async take(
    client: RedisClient,
    consumer: string,
    lease: string | undefined,
    entries: readonly Pending[],
  ): Promise<{ taken: Entry[]; gone: string[] } | undefined> {
    const args = [this.group, consumer, ...entries.flatMap((entry) => [entry.id, entry.consumer])];
    const keys = lease === undefined ? [this.stream] : [this.stream, lease];
    const [what, taken, gone] = (await takeOver.run(client, keys, args)) as [Buffer, Entry[], Buffer[]];
    if (what.toString() === "lost") return undefined;
    return { taken, gone: gone.map((id) => id.toString("latin1")) };
  }
}

/** `name` of a flat list of names and values. */
export function pick(list: readonly unknown[], name: string): unknown {
  for (let at = 0; at < list.length; at += 2) if (String(list[at]) === name) return list[at + 1];
  return undefined;
}
