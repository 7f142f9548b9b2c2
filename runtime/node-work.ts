import type { BatchContext } from "../flow/behaviour";
import type { Message } from "../flow/message";
import type { StepResult, Verdict } from "../flow/verdict";
import { type Item, writePart } from "./flight";
import { toFailure } from "./node-failure";
import type { RunningStage } from "./pipeline";

/** Works a batch at a synchronous step. Never throws: what the node threw is the answer of the message that it threw on. */
export function processSync(stage: RunningStage, items: readonly Item[]): (StepResult | Verdict)[] {
  const { work } = stage;
  if (work.role !== "sync") throw new Error("Not a synchronous step.");
  try {
    const results = work.step.process(items.map(readMessage), { signal: neverAborted, attempt: 1 });
    return checkResults(results as StepResult[], items.length);
  } catch (error) {
    // One message made the whole batch fail: each alone tells which.
    if (items.length > 1) return items.flatMap((item) => processSync(stage, [item]));
    return [toFailure(error)];
  }
}

/** As `processSync`, for steps that wait and for sinks. Never rejects. */
export async function processAsync(
  stage: RunningStage,
  items: readonly Item[],
  context: BatchContext,
): Promise<(StepResult | Verdict)[]> {
  const { work } = stage;
  try {
    const results = await writeOrProcess(work, items, context);
    return checkResults<StepResult | Verdict>(results, items.length);
  } catch (error) {
    if (items.length === 1 || context.signal.aborted) return items.map(() => toFailure(error));
    const results: (StepResult | Verdict)[] = [];
    for (const item of items) results.push(...(await processAsync(stage, [item], context)));
    return results;
  }
}

export function processItems(stage: RunningStage, items: readonly Item[], context: BatchContext) {
  return stage.work.role === "sync" ? processSync(stage, items) : processAsync(stage, items, context);
}

function writeOrProcess(work: RunningStage["work"], items: readonly Item[], context: BatchContext) {
  if (work.role === "call")
    return Promise.all(items.map((item) => work.gate.call(item.message, tellParts(context, [item]))));
  const messages = items.map(readMessage);
  const own = tellParts(context, items);
  return work.role === "sink" ? work.sink.write(messages, own) : work.step.process(messages, own);
}

/** The context of these messages: ids that leave the flow are made of the way that each has taken. */
export function tellParts(context: BatchContext, items: readonly Item[]): BatchContext {
  return { ...context, partOf: (index) => writePart(items[index]!) };
}

function checkResults<Result>(results: Result[], expected: number): Result[] {
  if (Array.isArray(results) && results.length === expected) return results;
  throw new Error("The node did not answer for each of its messages.");
}

function readMessage(item: Item): Message {
  return item.message;
}

const neverAborted = new AbortController().signal;
