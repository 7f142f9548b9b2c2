import type { Payload, RunStep } from "@/flow/control";
import type { FlowEdge } from "@/flow/document";
import type { Trial, TrialEffect } from "@/flow/trial";
import type { NodeOnWay, Way } from "../drawing/flow-drawing";
import { visitsOf, wayOf } from "../runs/visits";
import { formatMoment } from "../ui/formats";

/** Under a node a value is shown up to here. */
const shownCharacters = 120;

/** The way that a tried message took, with what each node gave or would have done under it. */
export function wayOfTrial(trial: Trial, edges: readonly FlowEdge[]): Way {
  const visits = visitsOf(trial.detail);
  const way = wayOf(visits, edges);
  const nodes: Record<string, NodeOnWay> = { ...way.nodes };
  const count = new Map<string, number>();
  for (const visit of visits) {
    const own = nodes[visit.node];
    if (!own) continue;
    count.set(visit.node, (count.get(visit.node) ?? 0) + 1);
    const last = visit.attempts.at(-1)!;
    const effects = effectsOf(
      trial,
      visit.attempts.map(({ step }) => step),
    );
    const isHeld = effects.some(({ is }) => is === "would-hold");
    const failure = last.work.cause && !isHeld ? last.work.cause.message : undefined;
    const says = effects.map(wordsOfEffect).join("; ") || previewOf(last.work, trial.detail.payloads);
    const times = count.get(visit.node)!;
    nodes[visit.node] = {
      ...own,
      ...(isHeld ? { tone: own.tone === "bad" ? "bad" : "accent", word: "Would wait here" } : {}),
      ...(failure !== undefined ? { words: failure } : {}),
      ...(says ? { says: times > 1 ? `${times} × · ${says}` : says } : {}),
    };
  }
  return { nodes, edges: way.edges };
}

export function effectsOf({ effects }: Pick<Trial, "effects">, steps: readonly number[]): TrialEffect[] {
  return effects.filter(({ step }) => steps.includes(step));
}

/** What would have happened outside, or did: "would write to topic orders.de". */
export function wordsOfEffect(effect: TrialEffect): string {
  switch (effect.is) {
    case "would-write":
      return `would write to ${effect.to}`;
    case "called":
      return `called ${effect.to}`;
    case "answered":
      return `answered as given: ${effect.to}`;
    case "would-hold":
      return effect.until === undefined
        ? `would wait: ${effect.why}`
        : `would wait until ${formatMoment(new Date(effect.until))}: ${effect.why}`;
  }
}

/** Second line of a step: what it would have done, what went wrong, or by which port it left. */
export function describeStep(trial: Trial, steps: readonly number[]): string {
  const work = trial.detail.steps[steps.at(-1)!]!;
  const effects = effectsOf(trial, steps).map(wordsOfEffect);
  if (work.cause && !effects.some((words) => words.startsWith("would wait"))) return work.cause.message;
  if (effects.length > 0) return effects.join("; ");
  if (work.state === "dropped") return "dropped here";
  const ports = [...new Set(work.out.map(({ port }) => port))];
  if (ports.length === 0) return "ends here";
  if (ports.length === 1 && ports[0] === "out")
    return work.out.length > 1 ? `${work.out.length} messages out` : "passed on";
  return `left by ${ports.join(", ")}`;
}

/** What became of the message as a whole. */
export function wordsOfTrial({ state }: Pick<Trial, "state">): {
  tone: "ok" | "idle" | "warn" | "bad" | "accent";
  words: string;
} {
  return outcomes[state];
}

const outcomes = {
  done: { tone: "ok", words: "Went through" },
  dropped: { tone: "idle", words: "Dropped" },
  parked: { tone: "warn", words: "Would wait for a later try" },
  failed: { tone: "warn", words: "Took an error port" },
  dead: { tone: "bad", words: "Failed: would be a dead letter" },
  held: { tone: "accent", words: "Would be held" },
} as const;

function previewOf(work: RunStep, payloads: readonly Payload[]): string {
  if (work.state === "dropped") return "dropped here";
  const [first, ...more] = work.out;
  if (!first) return "";
  const payload = payloads[first.payload ?? -1];
  const value = payload ? (payload.value ?? "no value") : "not kept";
  const cut = value.length > shownCharacters ? `${value.slice(0, shownCharacters)}…` : value;
  const port = first.port === "out" ? "" : `${first.port}: `;
  return `${port}${payload?.encoding === "base64" ? "bytes" : cut}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}
