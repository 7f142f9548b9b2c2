/**
 * What flows hold back, in Redis: a hash each and the sorted sets by which it is found (`held-redis-scripts.ts`).
 *
 * - **One script a call**: all of it is written, or nothing. It looks for its keys by itself; they share one hash tag, so that a cluster keeps
 *   them on one node.
 * - **What it keeps**: it takes nothing while Redis writes no append-only file (`RedisCommands`). Only with `appendfsync always` is each write
 *   on the disk before it counts; with `everysec` a machine that fails takes the last second with it, and a Redis that fails over to a
 *   replica what that one had not heard of yet.
 * - **A search** walks the sorted sets, and reads of each row only what a list shows.
 */
import { answerChanges, sumUpChanges } from "../../flow/held-changes";
import {
  addStanding,
  compareBegin,
  type HeldCount,
  type HeldPage,
  type HeldSearch,
  type HeldSummary,
  matchesSearch,
  openStatuses,
  readPlace,
  writePlace,
} from "../../flow/held-search";
import type {
  Arrival,
  DueOptions,
  HeldChange,
  HeldRow,
  HeldScope,
  HeldStatus,
  HeldStore,
  StandingCount,
} from "../../flow/holding";
import { heldIdOf } from "../../prisma/held-id";
import type { RedisCommands, RedisScript, RedisWord } from "../transport";
import {
  describeStep,
  digest,
  flowOf,
  type Place,
  readAwaits,
  readPairs,
  readPlaces,
  readSummary,
  toBuffer,
  writeTime,
} from "./held-redis-rows";
import { forgetExpired, keepArrivals, removeArrivals, setDueRows, takeDueRows, writeRows } from "./held-redis-scripts";

const forgetAtOnce = 500;
/** Rows of a list that are looked through in one round trip. */
const searchAtOnce = 200;
const allStatuses: readonly HeldStatus[] = [...openStatuses, "completed", "compensated"];

export class RedisHeldStore implements HeldStore {
  readonly #prefix: string;

  constructor(
    readonly redis: RedisCommands,
    /** Keys of those who share it begin with it. */
    name = "millrace",
  ) {
    this.#prefix = `{${name}:held}:`;
  }

  async write(changes: readonly HeldChange[]): Promise<("written" | "conflict")[]> {
    if (changes.length === 0) return [];
    const steps = sumUpChanges(changes);
    const answers = (await this.#run(writeRows, steps.flatMap(describeStep))) as number[];
    const written = steps.filter((_, index) => answers[index] === 1);
    return answerChanges(changes, steps, new Set(written.map(({ id }) => id)));
  }

  async read(ids: readonly string[]): Promise<(HeldRow | null)[]> {
    if (ids.length === 0) return [];
    const answers = await this.redis.ask(ids.map((id) => ["HMGET", `${this.#prefix}row:${id}`, "m", "d", "c"]));
    return (answers as (Buffer | null)[][]).map(([rest, due, content]) =>
      rest && due && content ? { ...readSummary(rest, due), ...readAwaits(rest), content } : null,
    );
  }

  async takeDue(scope: HeldScope, { kind, now, limit, leaseMs }: DueOptions): Promise<HeldRow[]> {
    const until = writeTime(now + leaseMs);
    const answers = (await this.#run(takeDueRows, [flowOf(scope), kind, writeTime(now), limit, until])) as Buffer[];
    return Array.from({ length: answers.length / 2 }, (_, index) => {
      const [rest, content] = [answers[2 * index]!, answers[2 * index + 1]!];
      return { ...readSummary(rest, Buffer.from(until)), ...readAwaits(rest), content };
    });
  }

  async setDue(
    entries: readonly { readonly id: string; readonly revision: number; readonly dueAt: number | null }[],
  ): Promise<void> {
    if (entries.length === 0) return;
    await this.#run(
      setDueRows,
      entries.flatMap(({ id, revision, dueAt }) => [id, revision, writeTime(dueAt)]),
    );
  }

  async findAwaiting(scope: HeldScope, addresses: readonly string[]): Promise<{ address: string; id: string }[]> {
    if (addresses.length === 0) return [];
    const keys = addresses.map((address) => `${this.#prefix}await:${flowOf(scope)}:${digest(address)}`);
    const answers = await this.redis.ask(keys.map((key) => ["ZRANGE", key, 0, -1]));
    return (answers as Buffer[][]).flatMap((ids, index) =>
      ids.map((id) => ({ address: addresses[index]!, id: id.toString() })),
    );
  }

  async keepArrivals(arrivals: readonly Arrival[]): Promise<void> {
    if (arrivals.length === 0) return;
    await this.#run(
      keepArrivals,
      arrivals.flatMap(({ content, ...arrival }) => {
        const { id, address, createdAt, expiresAt } = arrival;
        const times = [writeTime(createdAt), writeTime(expiresAt)];
        return [id, flowOf(arrival), digest(address), ...times, JSON.stringify(arrival), toBuffer(content)];
      }),
    );
  }

  async findArrivals(scope: HeldScope, addresses: readonly string[]): Promise<Arrival[]> {
    if (addresses.length === 0) return [];
    const keys = addresses.map((address) => `${this.#prefix}came:${flowOf(scope)}:${digest(address)}`);
    const ids = (await this.redis.ask(keys.map((key) => ["ZRANGE", key, 0, -1]))) as Buffer[][];
    if (ids.flat().length === 0) return [];
    const answers = await this.redis.ask(ids.flat().map((id) => ["HMGET", `${this.#prefix}arrival:${id}`, "m", "c"]));
    return (answers as (Buffer | null)[][])
      .flatMap(([rest, content]) =>
        rest && content ? [{ ...(JSON.parse(rest.toString()) as Omit<Arrival, "content">), content }] : [],
      )
      .sort((one, other) => -compareBegin(one, other));
  }

  async removeArrivals(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#run(removeArrivals, ids);
  }

  async forgetExpired(now: number): Promise<number> {
    for (let forgotten = 0; ; ) {
      const count = (await this.#run(forgetExpired, [writeTime(now), forgetAtOnce])) as number;
      forgotten += count;
      if (count < forgetAtOnce) return forgotten;
    }
  }

  async list(search: HeldSearch): Promise<HeldPage> {
    const rows: HeldSummary[] = [];
    const flows = await this.#listFlows(search);
    const keys = search.key === undefined ? this.#keysOf(search, flows) : [];
    let from = readPlace(search.from);
    for (;;) {
      const places =
        search.key === undefined
          ? await this.#walk(keys, search, from)
          : await this.#findByKey(search.key, flows, from);
      const found = await this.#summarize(places.map(({ id }) => id));
      for (const row of found) {
        if (!row || !matchesSearch(search, row)) continue;
        if (rows.length === search.limit) {
          const last = rows.at(-1);
          return { rows, next: last ? writePlace(last) : null };
        }
        rows.push(row);
      }
      from = places.at(-1) ?? null;
      if (from === null || search.key !== undefined) return { rows, next: null };
    }
  }

  async count(scope: HeldScope): Promise<HeldCount[]> {
    const [answer] = await this.redis.ask([["HGETALL", `${this.#prefix}count:${flowOf(scope)}`]]);
    const words = readPairs(answer);
    return Array.from({ length: words.length / 2 }, (_, index) => {
      const [node = "", version, status, ...steps] = words[2 * index]!.split(" ");
      return {
        node,
        version: Number(version),
        status: status as HeldStatus,
        steps,
        count: Number(words[2 * index + 1]),
      };
    });
  }

  async countStanding(scope: HeldScope): Promise<StandingCount[]> {
    return addStanding(await this.count(scope));
  }

  #run(script: RedisScript, args: readonly RedisWord[]): Promise<unknown> {
    return this.redis.run(script, this.#prefix, args);
  }

  async #members(name: string): Promise<string[]> {
    const [answer] = await this.redis.ask([["SMEMBERS", this.#prefix + name]]);
    return (answer as Buffer[]).map(String);
  }

  async #listFlows({ environment, flowId }: HeldSearch): Promise<string[]> {
    if (flowId !== undefined) return [flowOf({ environment, flowId })];
    return (await this.#members("flows")).filter((flow) => flow.startsWith(flowOf({ environment, flowId: "" })));
  }

  #keysOf({ step, statuses }: HeldSearch, flows: readonly string[]): string[] {
    if (step !== undefined) return flows.map((flow) => `${this.#prefix}at:${flow}:${step}`);
    return flows.flatMap((flow) => (statuses ?? allStatuses).map((status) => `${this.#prefix}in:${flow}:${status}`));
  }

  /** What stands behind a place in several sorted sets, in one order. */
  async #walk(keys: readonly string[], { since, before }: HeldSearch, from: Place | null): Promise<Place[]> {
    const least = since === undefined ? "-inf" : since;
    const most = Math.min(
      from?.createdAt ?? Number.MAX_SAFE_INTEGER,
      before === undefined ? Number.MAX_SAFE_INTEGER : before - 1,
    );
    let open = keys.map((key) => ({ key, behind: [] as Place[] }));
    const walked = open;
    for (let offset = 0; open.length > 0; offset += searchAtOnce) {
      const answers = await this.redis.ask(
        open.map(({ key }) => ["ZREVRANGEBYSCORE", key, most, least, "WITHSCORES", "LIMIT", offset, searchAtOnce]),
      );
      // Those that began in the very millisecond of the place are there again, and a page may be full of them.
      open = open.filter(({ behind }, index) => {
        const page = readPlaces(answers[index]);
        behind.push(...page.filter((place) => from === null || compareBegin(from, place) < 0));
        return page.length === searchAtOnce && behind.length < searchAtOnce;
      });
    }
    return walked
      .flatMap(({ behind }) => behind)
      .sort(compareBegin)
      .slice(0, searchAtOnce);
  }

  async #findByKey(key: string, flows: readonly string[], from: Place | null): Promise<Place[]> {
    const nodes = await Promise.all(flows.map((flow) => this.#members(`nodes:${flow}`)));
    const ids = flows.flatMap((flow, index) => {
      const [environment = "", flowId = ""] = flow.split("/");
      return nodes[index]!.map((node) => heldIdOf({ environment, flowId }, node, key));
    });
    const rows = await this.#summarize(ids);
    return rows
      .flatMap((row) => (row ? [row] : []))
      .filter((place) => from === null || compareBegin(from, place) < 0)
      .sort(compareBegin);
  }

  async #summarize(ids: readonly string[]): Promise<(HeldSummary | null)[]> {
    if (ids.length === 0) return [];
    const answers = await this.redis.ask(ids.map((id) => ["HMGET", `${this.#prefix}row:${id}`, "m", "d"]));
    return (answers as (Buffer | null)[][]).map(([rest, due]) => (rest && due ? readSummary(rest, due) : null));
  }
}
