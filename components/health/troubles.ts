import type { LiveView, WorkerView } from "@/server/views";
import type { Notice } from "../trpc/live-store";

/** Something that is wrong, in words, with the way to it. */
export interface Trouble {
  tone: "warn" | "bad";
  code: string;
  title: string;
  words: string;
  href?: { to: string; words: string };
}

/** Past this, other flows of the worker feel it. */
const slowLoopMs = 100;
/** Where memory begins to be worth a look. */
const muchMemoryBytes = 700_000_000;
/** A source with work waiting and no progress for this long stands still. */
const stillMs = 60_000;

/** Looks through all that is known and names what a person should look at, worst first. */
export function findTroubles({
  workers,
  flows,
  notice,
  now = Date.now(),
}: {
  workers: readonly WorkerView[];
  flows: readonly LiveView[];
  notice: Notice | null;
  now?: number;
}): Trouble[] {
  const living = workers.filter((worker) => worker.alive);
  const troubles: Trouble[] = [];
  if (living.length > 0 && notice?.kafka === "unreachable") {
    troubles.push({
      tone: "bad",
      code: "broker-unreachable",
      title: "Kafka cannot be reached",
      words: "Flows that need it wait and go on by themselves when it answers. No message is lost.",
      href: { to: "/connections", words: "Test the connection" },
    });
  }
  for (const worker of living) troubles.push(...ofWorker(worker));
  for (const flow of flows) troubles.push(...ofFlow(flow, now));
  if (notice?.queueBackend === "postgres") {
    troubles.push({
      tone: "warn",
      code: "queue-on-postgres",
      title: "Queues are kept in Postgres",
      words:
        "Good for trying out. Other BullMQ applications cannot share them, and it is about ten times slower: give REDIS_URL for more.",
    });
  }
  return troubles.sort((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad"));
}

function ofWorker({ id, health }: WorkerView): Trouble[] {
  const troubles: Trouble[] = [];
  const delay = health.eventLoopDelayMs;
  if (typeof delay === "number" && delay > slowLoopMs) {
    troubles.push({
      tone: "warn",
      code: "event-loop-slow",
      title: `${id} is short of processor time`,
      words: `Its event loop is ${Math.round(delay)} ms late. Something computes for long: a costly expression, very large bodies, or too many flows for one process. Start one more worker, or look at the node with the highest latency.`,
    });
  }
  const memory = health.memoryBytes;
  if (typeof memory === "number" && memory > muchMemoryBytes) {
    troubles.push({
      tone: "warn",
      code: "memory-high",
      title: `${id} uses ${Math.round(memory / 1e6)} MB`,
      words: "Usual is under 350 MB. Very large messages or many flows with full pipelines keep memory.",
    });
  }
  return troubles;
}

function ofFlow(flow: LiveView, now: number): Trouble[] {
  if (flow.desired === "stopped") return [];
  const href = { to: `/flows/${flow.flow}`, words: "Open the flow" };
  const troubles: Trouble[] = [];
  const cause = flow.cause?.message ?? Object.values(flow.nodes).find((node) => node.cause)?.cause?.message;
  if (flow.state === "degraded" || flow.state === "halted" || flow.state === "failed") {
    troubles.push({
      tone: flow.state === "degraded" ? "warn" : "bad",
      code: flow.cause?.code ?? `flow-${flow.state}`,
      title: `${flow.flow} is ${flow.state}`,
      words: `${cause ?? "The worker gave no cause."} ${flow.state === "degraded" ? "It keeps trying and recovers by itself." : "It waits for a person; messages stay at their source."}`,
      href,
    });
  }
  if (flow.state === "waiting-for-worker" && flow.cause) {
    troubles.push({
      tone: "bad",
      code: flow.cause.code,
      title: `${flow.flow} waits for a worker`,
      words: flow.cause.message,
      href,
    });
  }
  const still = flow.lanes.filter(
    (lane) => (lane.lag ?? 0) > 0 && lane.lastProgressAt !== null && now - lane.lastProgressAt > stillMs,
  );
  if (flow.state === "running" && still.length > 0) {
    troubles.push({
      tone: "warn",
      code: "lane-still",
      title: `${flow.flow} stands still on ${still.length === 1 ? still[0]!.lane : `${still.length} lanes`}`,
      words:
        "Messages wait and none was finished for a minute. Look at what the nodes behind the source are waiting for.",
      href,
    });
  }
  if (flow.tracesDropped > 0) {
    troubles.push({
      tone: "warn",
      code: "traces-dropped",
      title: `${flow.flow} keeps fewer runs than asked for`,
      words: `${flow.tracesDropped} runs were not recorded, so that the flow is not slowed down. Messages are not affected.`,
      href,
    });
  }
  return troubles;
}
