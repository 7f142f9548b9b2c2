import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { findAnyPort } from "../../../scripts/network.mjs";
import { type RedisServer, startRedis } from "../../../scripts/services/redis.mjs";
import { sleep } from "../../backoff";
import { openRedis } from "../../transports/redis";
import type { Case, CaseOutcome, CaseScene } from "../case";
import { makeRecord } from "../numbered";
import { watchDisk } from "../synced";
import { inSeconds } from "./figures";

type Durable = "always" | "everysec";

const speedMs = 10_000;
const rounds = 10;
/** Longer than a second, so that each round has seen a sync. */
const roundMs = [1_500, 3_500] as const;
const batch = 100;

/** A Redis for each `appendfsync`, killed, and on a machine that fails, while a stream sink writes: what it had acknowledged and has no more. */
export const redisPersistence: Case = {
  name: "redis-persistence",
  title: "Redis with appendfsync always and everysec, killed, and on a machine that fails",
  async run(scene) {
    const outcomes: CaseOutcome[] = [];
    for (const durable of ["always", "everysec"] as const) outcomes.push(await tryRedis(durable, scene));
    return {
      figures: Object.assign({}, ...outcomes.map(({ figures }) => figures)),
      violations: outcomes.flatMap(({ violations }) => violations),
      log: "",
    };
  },
};

async function tryRedis(durable: Durable, { house, random, scale, say }: CaseScene): Promise<CaseOutcome> {
  const dir = join(house.directory, `redis-${durable}`);
  const figures: Record<string, string | number> = {};
  const violations: string[] = [];
  const tell = (figure: string, value: string | number) => {
    figures[`${durable}, ${figure}`] = value;
    say(`${durable}, ${figure}: ${value}`);
  };
  for (const size of [1, batch]) {
    const written = await withRedis(dir, durable, async ({ sink }) => {
      const writer = new Writer(sink, size);
      await sleep(speedMs * scale);
      await writer.end();
      return writer.acknowledgedAt.size;
    });
    const words = size === 1 ? "one at a time" : `${size} at once`;
    tell(`entries a second, ${words}`, Math.round(written / ((speedMs * scale) / 1_000)));
  }
  for (const trouble of ["killed", "machine failed"] as const) {
    const total = { acknowledged: 0, gone: 0, most: 0, oldestMs: 0, cut: 0 };
    for (let round = 1; round <= Math.max(1, rounds * scale); round++)
      await withRedis(dir, durable, async ({ server, plain, sink }) => {
        const disk = trouble === "killed" ? null : await watchDisk(await readPid(plain), await findLog(dir));
        const writer = new Writer(sink, batch);
        await sleep(random.between(...roundMs));
        await server.kill();
        const at = performance.now();
        total.cut += (await disk?.loseUnsynced()) ?? 0;
        await server.start();
        await writer.end();
        const gone = await writer.findGone(plain);
        total.acknowledged += writer.acknowledgedAt.size;
        total.gone += gone.length;
        total.most = Math.max(total.most, gone.length);
        total.oldestMs = Math.max(total.oldestMs, ...gone.map((when) => at - when));
      });
    tell(`${trouble}: acknowledged`, total.acknowledged);
    tell(`${trouble}: of them gone`, total.gone);
    if (total.gone > 0) {
      tell(`${trouble}: gone at most at once`, total.most);
      tell(`${trouble}: acknowledged at most so long before`, inSeconds(total.oldestMs));
    }
    if (trouble === "machine failed") tell(`${trouble}: bytes not synced`, total.cut);
    if (durable === "always" && total.gone > 0) violations.push(`${total.gone} entries gone with always, ${trouble}`);
  }
  return { figures, violations, log: "" };
}

interface Opened {
  readonly server: RedisServer;
  readonly plain: Redis;
  readonly sink: Sink;
}

type Sink = ReturnType<typeof openRedis>;

/** A fresh one, and its clients. */
async function withRedis<T>(dir: string, durable: Durable, work: (opened: Opened) => Promise<T>): Promise<T> {
  await rm(dir, { recursive: true, force: true });
  // Never rewritten: its append-only file stays one.
  const settings = { "auto-aof-rewrite-percentage": 0 };
  const server = await startRedis({ dir, port: await findAnyPort(), durable, settings });
  const plain = new Redis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  plain.on("error", () => {});
  const environment = { kafkaBrokers: undefined, redisUrl: server.url, databaseUrl: "" };
  const sink = openRedis({ name: "redis", config: {}, secrets: {}, environment, log: () => {} });
  try {
    return await work({ server, plain, sink });
  } finally {
    await sink.close();
    plain.disconnect();
    await server.stop();
  }
}

const stream = "numbers";

/** Writes numbered entries, a batch at a time, until it is ended. */
class Writer {
  /** By number, when the sink said that it is safe. */
  readonly acknowledgedAt = new Map<number, number>();
  #writing = true;
  readonly #ended: Promise<void>;

  constructor(
    readonly sink: Sink,
    readonly size: number,
  ) {
    this.#ended = this.#write();
  }

  async end(): Promise<void> {
    this.#writing = false;
    await this.#ended;
  }

  /** When those were acknowledged that are not in the stream. */
  async findGone(plain: Redis): Promise<number[]> {
    const entries = await plain.xrange(stream, "-", "+");
    const there = new Set(entries.map(([, fields]) => (JSON.parse(fields.at(-1)!) as { n: number }).n));
    return [...this.acknowledgedAt].flatMap(([n, at]) => (there.has(n) ? [] : [at]));
  }

  async #write(): Promise<void> {
    const never = new AbortController().signal;
    for (let from = 0; this.#writing; from += this.size) {
      const entries = Array.from({ length: this.size }, (_, index) => {
        const { key, value } = makeRecord(from + index);
        return { stream, key: Buffer.from(key), value: Buffer.from(value), headers: [] };
      });
      const verdicts = await this.sink.port.add(entries, { partitions: 1, layout: "message" }, never);
      const now = performance.now();
      for (const [index, { verdict }] of verdicts.entries())
        if (verdict === "done") this.acknowledgedAt.set(from + index, now);
      if (verdicts.some(({ verdict }) => verdict !== "done")) await sleep(50);
    }
  }
}

async function readPid(plain: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await plain.info("server"))?.[1]);
}

/** The append-only file that grows. */
async function findLog(dir: string): Promise<string> {
  const folder = join(dir, "appendonlydir");
  const file = (await readdir(folder)).find((name) => name.endsWith(".incr.aof"));
  if (!file) throw new Error(`There is no append-only file in ${folder}.`);
  return join(folder, file);
}
