import { joinWords } from "@/flow/issues";
import type { SagaSummary } from "@/server/saga-views";
import type { FailingNode, LaneView, LiveView, WorkerView } from "@/server/views";
import type { Notice } from "../trpc/live-store";
import { formatCount, formatMoment, formatPlural } from "../ui/formats";
import { isWithoutDisk, type Reached } from "./reached";

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
/** Fewer messages come and go. */
const manyMessages = 100;
/** A lag that grew less than by this share is the same. */
const grownBy = 1.2;

/** That a worker was killed is a thing to look at for so long; the list of those that are gone tells it longer. */
const goneForMs = 900_000;

/** Looks through all that is known and names what a person should look at, worst first. */
export function findTroubles({
  workers,
  flows,
  notice,
  reached = [],
  failing = [],
  sagasAsking = 0,
  sagasStuck = 0,
  stuckLongest,
  now = Date.now(),
}: {
  workers: readonly WorkerView[];
  flows: readonly LiveView[];
  notice: Notice | null;
  /** What workers found of the brokers. */
  reached?: readonly Reached[];
  /** Nodes on which most messages fail. */
  failing?: readonly FailingNode[];
  /** Sagas that wait for a person's word. */
  sagasAsking?: number;
  /** Sagas that go on only when a person mends something. */
  sagasStuck?: number;
  /** Of those, the one that waits longest. */
  stuckLongest?: Pick<SagaSummary, "key" | "error" | "updatedAt"> | undefined;
  now?: number;
}): Trouble[] {
  const living = workers.filter((worker) => worker.alive);
  const troubles: Trouble[] = [];
  troubles.push(...ofBrokers(reached));
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
  troubles.push(...failing.map(ofFailing), ...ofDeadLetters(flows));
  for (const worker of living) troubles.push(...ofWorker(worker));
  const gone = workers.filter(({ alive, heartbeatAt }) => !alive && now - heartbeatAt.getTime() < goneForMs);
  troubles.push(...ofGone(gone, living.length));
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

function ofBrokers(reached: readonly Reached[]): Trouble[] {
  const troubles: Trouble[] = [];
  for (const { name, label, state, cause, runs } of reached) {
    if (state === "ok" || runs.length === 0) continue;
    troubles.push({
      tone: "bad",
      code: cause?.code ?? "broker-unreachable",
      title: `${label} cannot be reached by \`${name}\``,
      words: `${cause?.message ?? "The worker gave no cause."} ${listNames(runs)} ${runs.length === 1 ? "needs it, waits and goes on by itself" : "need it, wait and go on by themselves"} when it answers. No message is lost.`,
      href: { to: "/connections", words: "Test the connection" },
    });
  }
  const weak = reached.filter(isWithoutDisk);
  // Several connections to one server are one trouble.
  for (const text of new Set(weak.flatMap(({ rest }) => (rest ? [`${rest.text} ${rest.mend ?? ""}`.trim()] : [])))) {
    const names = weak.filter(({ rest }) => rest && text.startsWith(rest.text)).map(({ name }) => name);
    troubles.push({
      tone: "warn",
      code: "redis-keeps-nothing",
      title: `The Redis of ${listNames(names)} does not keep what it is given`,
      words: text,
    });
  }
  return troubles;
}

function ofFailing({ flow, node, title, version, messages, failed }: FailingNode): Trouble {
  return {
    tone: "bad",
    code: "node-fails",
    title: `“${title}” of ${flow} fails ${failed >= messages ? "all" : "most"} of its messages`,
    words: `${formatCount(failed)} of ${formatCount(messages)} failed on v${version} in the last ten minutes.`,
    href: { to: `/flows/${flow}/runs?state=dead,failed&node=${node}`, words: "Show the runs" },
  };
}

function ofDeadLetters(flows: readonly LiveView[]): Trouble[] {
  const having = flows.filter(({ deadLetters }) => deadLetters > 0).sort((a, b) => b.deadLetters - a.deadLetters);
  const [first] = having;
  if (!first) return [];
  const sum = having.reduce((total, { deadLetters }) => total + deadLetters, 0);
  const each = having.slice(0, 5).map(({ flow, deadLetters }) => `${formatCount(deadLetters)} of \`${flow}\``);
  const more = having.length > 5 ? ` and ${formatPlural(having.length - 5, "more flow")}` : "";
  return [
    {
      tone: "warn",
      code: "dead-letters-waiting",
      title: `${formatPlural(sum, "dead letter")} ${sum === 1 ? "waits" : "wait"}`,
      words: `${each.join(", ")}${more}. Each stays until somebody sends it again or discards it.`,
      href: {
        to: having.length === 1 ? `/dead-letters?flow=${first.flow}` : "/dead-letters",
        words: "Show dead letters",
      },
    },
  ];
}

const listNames = (names: readonly string[]) =>
  joinWords(
    names.map((name) => `\`${name}\``),
    "and",
  );

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

/** One that ends in good order takes its row along. */
function ofGone(gone: readonly WorkerView[], living: number): Trouble[] {
  const last = gone.toSorted((a, b) => Number(b.heartbeatAt) - Number(a.heartbeatAt))[0];
  if (!last) return [];
  const others = gone.length > 1 ? `, and ${formatPlural(gone.length - 1, "other")} in a quarter of an hour` : "";
  const after =
    living === 0
      ? "Nothing runs until one is started."
      : "Its lanes went to the workers that are left. What it had in hand is worked again, so where a flow is at least once some messages may come twice; none is lost.";
  return [
    {
      tone: "warn",
      code: "worker-gone",
      title: `${last.id} ended without signing off${others}`,
      words: `Last heard of ${formatMoment(last.heartbeatAt)}: it was killed, or its machine cannot be reached. ${after} Its own log says more, where it had time to.`,
    },
  ];
}

function ofFlow(flow: LiveView): Trouble[] {
  if (flow.desired === "stopped") return [];
  const href = { to: `/flows/${flow.flow}`, words: "Open the flow" };
  const troubles: Trouble[] = [];
  const cause = flow.cause?.message ?? Object.values(flow.nodes).find((node) => node.cause)?.cause?.message;
  const still = flow.lanes.filter((lane) => lane.state === "stalled");
  if (still.length > 0) troubles.push(ofStill(flow, still));
  else troubles.push(...ofLag(flow));
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

/** Does more wait than five minutes ago? Only lanes of which both are known count. */
function ofLag({ flow, lanes }: LiveView): Trouble[] {
  const known = lanes.filter(({ lag, lagBefore }) => lag !== null && lagBefore !== undefined);
  const now = known.reduce((sum, { lag }) => sum + (lag ?? 0), 0);
  const before = known.reduce((sum, { lagBefore }) => sum + (lagBefore ?? 0), 0);
  if (now - before < manyMessages || now < before * grownBy) return [];
  return [
    {
      tone: "warn",
      code: "lag-grows",
      title: `${flow} falls behind`,
      words: `${formatCount(now)} messages wait at its sources, ${formatCount(before)} five minutes ago. More comes than it works: look for the node with the highest latency, or start one more worker.`,
      href: { to: `/flows/${flow}`, words: "Open the flow" },
    },
  ];
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
