import type { BatchContext, Behaviour, NodeContext, OpenCall, OpenSink, OpenStep } from "../../flow/behaviour";
import type { Message } from "../../flow/message";
import { done, type Failure, isFailure, type StepResult, type Verdict } from "../../flow/verdict";
import { toFailure } from "../node-failure";
import type { Visit, Visits } from "./visits";

export interface Watch {
  readonly visits: Visits;
  /** Of so many messages that come to a node, how many it may still work. */
  admit(messages: number): number;
  /** May the node be asked again, after what it needs refused so often in a row? */
  mayAskAgain(node: string, refusals: number): boolean;
}

/** The node's own behaviour, each message that reaches outside worked by itself, so that it is known what it did there. */
export function watchBehaviour(behaviour: Behaviour, watch: Watch): Behaviour {
  if (behaviour.role === "source") return behaviour;
  if (behaviour.role === "sink") {
    return {
      ...behaviour,
      open: (config: never, context: NodeContext) => watchSink(behaviour.open(config, context), context, watch),
    };
  }
  if (behaviour.mode === "call") {
    return {
      ...behaviour,
      open: (config: never, context: NodeContext) => watchCall(behaviour.open(config, context), context, watch),
    };
  }
  return {
    ...behaviour,
    open: (config: never, context: NodeContext) => watchStep(behaviour.open(config, context), watch),
  };
}

function watchStep(step: OpenStep, watch: Watch): OpenStep {
  return {
    ...bindClose(step),
    ...(step.confirm ? { confirm: (batch) => step.confirm!(batch) } : {}),
    process(batch, context) {
      const count = watch.admit(batch.length);
      if (count === batch.length) return step.process(batch, context);
      const results = step.process(batch.slice(0, count), context);
      const fill = (done: StepResult[]) => [...done, ...batch.slice(count).map((): StepResult => ({ emit: [] }))];
      return Array.isArray(results) ? fill(results) : results.then(fill);
    },
  };
}

function watchSink(sink: OpenSink, { node, input }: NodeContext, watch: Watch): OpenSink {
  const refusals = new Refusals(node, watch);
  const stage = input === "in" ? node : `${node}.${input}`;
  return {
    ...bindClose(sink),
    async write(batch, context) {
      const count = watch.admit(batch.length);
      const verdicts: Verdict[] = batch.slice(count).map(() => done);
      const worked: Verdict[] = [];
      for (const [index, message] of batch.slice(0, count).entries()) {
        const own = narrow(context, index);
        const part = own.partOf?.(0) ?? "";
        worked.push(
          await watch.visits.visit(stage, node, part, async (visit): Promise<Verdict> => {
            const [verdict] = await sink.write([message], own).catch((error: unknown) => [toFailure(error)]);
            return refusals.judge(part, visit, verdict ?? done) ? done : (visit.failure ?? verdict ?? done);
          }),
        );
      }
      return [...worked, ...verdicts];
    },
  };
}

function watchCall(call: OpenCall, { node }: NodeContext, watch: Watch): OpenCall {
  const refusals = new Refusals(node, watch);
  return {
    ...bindClose(call),
    async call(message: Message, context: BatchContext): Promise<StepResult> {
      if (watch.admit(1) === 0) return { emit: [] };
      const part = context.partOf?.(0) ?? "";
      return watch.visits.visit(node, node, part, async (visit): Promise<StepResult> => {
        const result = await call.call(message, context).catch(toFailure);
        return refusals.judge(part, visit, result) ? { emit: [] } : (visit.failure ?? result);
      });
    },
  };
}

/** A running flow waits for what is away, for as long as it takes. A trial asks again a few times, then the message is held there. */
class Refusals {
  readonly #counts = new Map<string, number>();

  constructor(
    readonly node: string,
    readonly watch: Watch,
  ) {}

  /** Is it the end of asking? */
  judge(part: string, visit: Visit, result: StepResult | Verdict): boolean {
    if (visit.failure || !isAway(result)) {
      this.#counts.delete(part);
      return false;
    }
    const count = (this.#counts.get(part) ?? 0) + 1;
    this.#counts.set(part, count);
    if (this.watch.mayAskAgain(this.node, count)) return false;
    visit.away = result.cause;
    return true;
  }
}

function isAway(result: StepResult | Verdict): result is Failure {
  return isFailure(result) && result.verdict === "retry" && result.of === "dependency";
}

function bindClose(open: { close?(): Promise<void> | void }) {
  return open.close ? { close: () => open.close?.() } : {};
}

/** What a node may know of one message of a batch. */
function narrow({ partOf, originalOf, traceOf, ...context }: BatchContext, index: number): BatchContext {
  return {
    ...context,
    ...(partOf ? { partOf: () => partOf(index) } : {}),
    ...(originalOf ? { originalOf: () => originalOf(index) } : {}),
    ...(traceOf ? { traceOf: () => traceOf(index) } : {}),
  };
}
