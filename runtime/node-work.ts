import type { BatchContext } from "../flow/behaviour";
import type { Message } from "../flow/message";
import { formatTraceparent } from "../flow/trace-context";
import { type Failure, retryDependency, type StepResult, type Verdict } from "../flow/verdict";
import { findOriginal } from "./dead-letter";
import type { Flight } from "./flight";
import { chooseItems, type Items, writePart } from "./items";
import { toFailure } from "./node-failure";
import type { RunningStage } from "./pipeline";

/** Works a batch at a synchronous step. Never throws: what the node threw is the answer of the message that it threw on. */
export function processSync(stage: RunningStage, messages: readonly Message[]): (StepResult | Verdict)[] {
  const { work } = stage;
  if (work.role !== "sync") throw new Error("Not a synchronous step.");
  try {
    const results = work.step.process(messages, { signal: neverAborted, attempt: 1 });
    return checkResults(results as StepResult[], messages.length);
  } catch (error) {
    // One message made the whole batch fail: each alone tells which.
    if (messages.length > 1) return messages.flatMap((message) => processSync(stage, [message]));
    return [toFailure(error)];
  }
}

/** As `processSync`, for steps that wait and for sinks. Never rejects. */
export async function processAsync(
  flight: Flight,
  stage: RunningStage,
  items: Items,
  attempt: number,
): Promise<(StepResult | Verdict)[]> {
  const { work } = stage;
  const context = makeContext(flight, items, attempt);
  const { messages } = items;
  try {
    if (work.role === "call") {
      const result = await work.gate.call(messages[0]!, context, () => !flight.isWinding);
      return [result ?? notBegun];
    }
    const results =
      work.role === "sink" ? await work.sink.write(messages, context) : await work.step.process(messages, context);
    return checkResults<StepResult | Verdict>(results, messages.length);
  } catch (error) {
    if (messages.length === 1 || context.signal.aborted) return messages.map(() => toFailure(error));
    const results: (StepResult | Verdict)[] = [];
    for (const index of messages.keys()) {
      results.push(...(await processAsync(flight, stage, chooseItems(items, [index]), attempt)));
    }
    return results;
  }
}

export function processItems(flight: Flight, stage: RunningStage, items: Items, attempt: number) {
  return stage.work.role === "sync" ? processSync(stage, items.messages) : processAsync(flight, stage, items, attempt);
}

/** What a node may know of these messages: ids that leave the flow are made of the way that each has taken, and calls carry its trace. */
function makeContext(flight: Flight, items: Items, attempt: number): BatchContext {
  const { signal, transaction } = flight;
  return {
    signal,
    attempt,
    partOf: (index) => writePart(items.at(index)),
    originalOf: (index) => findOriginal(flight, items.at(index)),
    traceOf: (index) => formatTraceparent(flight.traceOf(items.originOf(index))),
    ...(transaction ? { transaction } : {}),
  };
}

function checkResults<Result>(results: Result[], expected: number): Result[] {
  if (Array.isArray(results) && results.length === expected) return results;
  throw new Error("The node did not answer for each of its messages.");
}

/** The answer of a call that was not begun because its lane ends. */
export const notBegun: Failure = retryDependency("lane-ends", "The lane ends; the message is left to its broker.");

const neverAborted = new AbortController().signal;
