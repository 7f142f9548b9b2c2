import type { Payload, RunState, RunStep } from "../../flow/control";
import type { FlowDocument } from "../../flow/document";
import type { GivenAnswer } from "../../flow/test-case";
import type { Trial, TrialEffect } from "../../flow/trial";
import type { Cause } from "../../flow/verdict";
import { becameDead, type Flight, tookErrorPort, worked } from "../flight";
import { writePart } from "../items";
import type { Pipeline } from "../pipeline";
import { drawRun } from "../run-record";
import { type Course, trialLimits } from "./course";
import { readOutcome, readSeen, type Seen } from "./seen";
import type { Visit } from "./visits";

/** As many as a case takes for a node. */
const maxAnswers = 100;

interface Drawn {
  readonly document: FlowDocument;
  readonly at: string;
  readonly pipeline: Pipeline;
  readonly course: Course;
  readonly flights: readonly Flight[];
  readonly startedAt: number;
}

/** Draws a trial from what its flights kept, as a run, with what each step would have done outside. */
export function drawTrial({ document, at, pipeline, course, flights, startedAt }: Drawn): { trial: Trial; seen: Seen } {
  const steps: RunStep[] = [];
  const payloads: Payload[] = [];
  const effects: TrialEffect[] = [];
  const answers: Record<string, GivenAnswer[]> = {};
  let moreSteps = 0;
  for (const [number, flight] of flights.entries()) {
    const [firstStep, firstPayload] = [steps.length, payloads.length];
    const startMs = endOf(steps);
    const limits = {
      steps: trialLimits.steps - firstStep,
      failures: 0,
      failedPayloads: 0,
      payloads: Math.max(1, trialLimits.payloads - firstPayload),
    };
    const visited: [step: number, visit: Visit][] = [];
    const held: [step: number, cause: Cause][] = [];
    const { detail } = drawRun(flight, 0, limits, (indexes, stage, item) => {
      const visits = course.visits.of(number, stage.node, writePart(item));
      for (const { node, answer } of visits) {
        const before = answers[node] ?? [];
        if (answer && before.length < maxAnswers) answers[node] = [...before, answer];
      }
      const cause = course.away.of(stage.node, item.message);
      if (cause) held.push([firstStep + indexes.at(-1)!, cause]);
      // Of very many tries the first are drawn, and the last.
      for (const [place, index] of indexes.entries()) {
        const visit = place === indexes.length - 1 ? visits.at(-1) : visits[place];
        if (visit) visited.push([firstStep + index, visit]);
      }
    });
    steps.push(...detail.steps.map((step) => shift(step, startMs, firstPayload)));
    payloads.push(...detail.payloads);
    moreSteps += detail.moreSteps ?? 0;
    for (const [step, { effect }] of visited) if (effect) effects.push({ step, ...effect });
    for (const [step, cause] of held) {
      steps[step] = { ...steps[step]!, state: "retry", out: [], cause };
      effects.push({ step, is: "would-hold", why: `${cause.message} A running flow waits here.` });
    }
  }
  effects.sort((a, b) => a.step - b.step);
  const seen = readSeen(course, flights);
  const trial: Trial = {
    state: readState(flights, effects, steps),
    durationMs: performance.now() - startedAt,
    detail: { steps, payloads, ...(moreSteps > 0 ? { moreSteps } : {}) },
    effects,
    answers,
    outcome: readOutcome(document, at, pipeline, seen),
    ...(course.cutWords === undefined ? {} : { cut: course.cutWords }),
  };
  return { trial, seen };
}

function endOf(steps: readonly RunStep[]): number {
  return steps.reduce((end, { startMs, durationMs }) => Math.max(end, startMs + durationMs), 0);
}

/** A step of a later flight, behind all that came before. */
function shift(step: RunStep, startMs: number, firstPayload: number): RunStep {
  const place = (index: number | null) => (index === null ? null : index + firstPayload);
  return {
    ...step,
    startMs: step.startMs + startMs,
    in: place(step.in),
    out: step.out.map(({ port, payload }) => ({ port, payload: place(payload) })),
  };
}

/** The worst that became of it; `held` where it ends at a node that keeps it. */
function readState(
  flights: readonly Flight[],
  effects: readonly TrialEffect[],
  steps: readonly RunStep[],
): RunState | "held" {
  const marks = flights.reduce((all, flight) => all | flight.marks[0]!, 0);
  if (marks & becameDead) return "dead";
  if (marks & tookErrorPort) return "failed";
  const left = new Set(flights.flatMap(({ resent }) => resent?.exit?.node ?? []));
  const isHeld = effects.some(({ is, step }) => is === "would-hold" && !left.has(steps[step]!.node));
  if (isHeld) return "held";
  // To be held is not the end of a message that went on.
  const wentOn = flights.length > 1;
  const isWorked = wentOn
    ? effects.some(({ is }) => is !== "would-hold") || flights.slice(1).some(({ marks }) => marks[0]! & worked)
    : marks & worked;
  return isWorked ? "done" : "dropped";
}
