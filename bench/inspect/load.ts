import { readdir, readFile } from "node:fs/promises";
import type { Client } from "../../cli/client";
import type { FlowDocument } from "../../flow/document";
import { sleep } from "../../runtime/backoff";
import type { Outsider } from "../../runtime/system/topics";
import type { ByHandProcess } from "../by-hand-process";
import type { Delays } from "../load/pace";
import { readTicks, ticksPerSecond } from "../usage";
import { type Behind, openTabs } from "./tabs";

/** One round of a flow at an even pace, with tabs that look at it or none. */
export interface Watched {
  readonly tabs: number;
  /** That came out. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Hundredths of a processor, each. */
  readonly percent: Readonly<Record<Part, number>>;
  readonly behind?: Behind;
}

type Part = "web" | "worker" | "database";

export const perSecond = 10_000;
export const tabCount = 50;
const warmSeconds = 3;

export interface Places {
  readonly url: string;
  readonly token: string;
  readonly client: Client;
  readonly outsider: Outsider;
  readonly pace: ByHandProcess;
}

export const input = "inspect-orders";
export const output = "inspect-large";

/** Kafka → filter on the body → map → Kafka. */
export function drawWatchedFlow(name: string): FlowDocument {
  return {
    format: "millrace/flow@1",
    name,
    title: "Watched",
    nodes: [
      { id: "orders", kind: "kafka-source", config: { topic: input } },
      { id: "large", kind: "filter", config: { when: "has(body.pad)" } },
      { id: "shape", kind: "map", config: { set: { checked: "true" } } },
      { id: "booked", kind: "kafka-sink", config: { topic: output } },
    ],
    edges: [
      { from: "orders", to: "large" },
      { from: "large.pass", to: "shape" },
      { from: "shape", to: "booked" },
    ],
  };
}

/** @throws Error when messages did not come out */
export async function measureWatched(places: Places, flow: string, tabs: number, seconds: number): Promise<Watched> {
  const { url, token, client, outsider, pace } = places;
  const workers = await client.health.workers.query();
  const pids = { web: await findWeb(url), worker: workers.filter(({ alive }) => alive).map(({ pid }) => pid) };
  const readAll = async () => ({
    web: await sumTicks(pids.web),
    worker: await sumTicks(pids.worker),
    database: await sumTicks(await findPostgres()),
    at: performance.now(),
    out: await outsider.count(output),
  });
  const open = tabs > 0 ? openTabs(url, token, flow, tabs) : undefined;
  const pacing = pace.tell({
    do: "pace",
    input,
    output,
    perSecond,
    warmSeconds,
    seconds,
    fromEnd: true,
  }) as Promise<Delays>;
  await sleep(warmSeconds * 1_000 + 3_000);
  const before = await readAll();
  open?.begin();
  await sleep((seconds - 3) * 1_000);
  const after = await readAll();
  const behind = await open?.close();
  const delays = await pacing;
  if (delays.missing > 0) throw new Error(`${delays.missing} messages did not come out`);
  const elapsed = (after.at - before.at) / 1_000;
  const percentOf = (part: Part) => (((after[part] - before[part]) / ticksPerSecond) * 100) / elapsed;
  return {
    tabs,
    perSecond: (after.out - before.out) / elapsed,
    p50Ms: delays.p50,
    p99Ms: delays.p99,
    percent: { web: percentOf("web"), worker: percentOf("worker"), database: percentOf("database") },
    ...(behind ? { behind } : {}),
  };
}

async function sumTicks(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(pids.map((pid) => readTicks(pid).catch(() => 0)));
  return ticks.reduce((sum, each) => sum + each, 0);
}

/** Processes by what stands in their command or environment. */
async function findProcesses(is: (read: (file: string) => Promise<string>) => Promise<boolean>): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) =>
      (await is((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => ""))) ? [Number(pid)] : [],
    ),
  );
  return found.flat();
}

const findPostgres = () => findProcesses(async (read) => /^postgres\b/.test(await read("comm")));

/** The web process is started with the port of its address. */
const findWeb = (url: string) =>
  findProcesses(async (read) => {
    if (!(await read("environ")).split("\0").includes(`PORT=${new URL(url).port}`)) return false;
    return /next/.test(await read("cmdline"));
  });
