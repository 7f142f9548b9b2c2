import type { SagaSummary } from "@/server/saga-views";
import type { LaneView, LiveView, WorkerView } from "@/server/views";
import type { Notice } from "../trpc/live-store";
import { formatMoment } from "../ui/formats";

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

/** Looks through all that is known and names what a person should look at, worst first. */
export function findTroubles({
  workers,
  flows,
  notice,
  sagasAsking = 0,
  sagasStuck = 0,
  stuckLongest,
}: {
  workers: readonly WorkerView[];
  flows: readonly LiveView[];
  notice: Notice | null;
  /** Sagas that wait for a person's word. */
  sagasAsking?: number;
  /** Sagas that go on only when a person mends something. */
  sagasStuck?: number;
  /** Of those, the one that waits longest. */
  stuckLongest?: Pick<SagaSummary, "key" | "error" | "updatedAt"> | undefined;
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
  if (sagasStuck > 0) {
    troubles.push({
      tone: "bad",
      code: "sagas-stuck",
      title: sagasStuck === 1 ? "1 saga is stuck" : `${sagasStuck} sagas are stuck`,
      words: `A step past its pivot, or its undoing, has failed for good. It waits for a person: mend what it calls and try again, skip it, or complete it. Until then what was done stays half done.${wordLongest(stuckLongest)}`,
      href: { to: "/sagas?status=stuck", words: "Show stuck sagas" },
    });
  }
  if (sagasAsking > 0) {
    const [are, they] =
      sagasAsking === 1 ? ["1 saga asks a person", "It waits"] : [`${sagasAsking} sagas ask a person`, "They wait"];
    troubles.push({
      tone: "warn",
      code: "sagas-asking",
      title: are,
      words: `${they} for an approval.`,
      href: { to: "/sagas?status=asking", words: "Show sagas" },
    });
  }
  for (const worker of living) troubles.push(...ofWorker(worker));
  for (const flow of flows) troubles.push(...ofFlow(flow));
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

function wordLongest(saga: Pick<SagaSummary, "key" | "error" | "updatedAt"> | undefined): string {
  if (!saga) return "";
  const place = saga.error ? ` at ${saga.error.title}` : "";
  return ` Longest waits \`${saga.key}\`${place}, since ${formatMoment(saga.updatedAt)}.`;
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

function ofFlow(flow: LiveView): Trouble[] {
  if (flow.desired === "stopped") return [];
  const href = { to: `/flows/${flow.flow}`, words: "Open the flow" };
  const troubles: Trouble[] = [];
  const cause = flow.cause?.message ?? Object.values(flow.nodes).find((node) => node.cause)?.cause?.message;
  const still = flow.lanes.filter((lane) => lane.state === "stalled");
  if (still.length > 0) troubles.push(ofStill(flow, still));
  // A lane that stands still makes its flow degraded: that is told already.
  const isTold = flow.state === "degraded" && still.some((lane) => lane.cause?.code === flow.cause?.code);
  if ((flow.state === "degraded" && !isTold) || flow.state === "halted" || flow.state === "failed") {
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

function ofStill({ flow }: LiveView, still: readonly LaneView[]): Trouble {
  const [{ lane, lag, cause }] = still as [LaneView];
  const isAway = cause?.code !== "lane-stalled";
  const waiting = lag ? `${lag} messages wait. ` : "";
  return {
    tone: "bad",
    code: "lane-stalled",
    title: `${flow} stands still on ${still.length === 1 ? lane : `${still.length} lanes`}`,
    words: `${cause?.message ?? "Nothing was finished for a while."} ${waiting}${
      isAway
        ? "It connects again by itself as soon as the broker answers; test the connection to see whether it does. No message is lost."
        : "No message is lost. Look at what it waits for: its connection, its timeout, the service behind it."
    }`,
    href: isAway
      ? { to: "/connections", words: "Test the connection" }
      : { to: `/flows/${flow}`, words: "Open the flow" },
  };
}
