import type { BatchContext, Behaviour, NodeContext, OpenCall, OpenSink, OpenStep } from "../../flow/behaviour";
import type { Message } from "../../flow/message";
import { done, type Failure, isFailure, type StepResult, type Verdict } from "../../flow/verdict";
import { toFailure } from "../node-failure";
import type { Visit, Visits } from "./visits";

export interface Watch {
  readonly visits: Visits;
  /** How often in a row a message was refused at a node. */
  readonly refusals: Map<string, number>;
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
            return judge(watch, visit, part, verdict ?? done) ? done : (visit.failure ?? verdict ?? done);
          }),
        );
      }
      return [...worked, ...verdicts];
    },
  };
}

function watchCall(call: OpenCall, { node }: NodeContext, watch: Watch): OpenCall {
  return {
    ...bindClose(call),
    async call(message: Message, context: BatchContext): Promise<StepResult> {
      if (watch.admit(1) === 0) return { emit: [] };
      const part = context.partOf?.(0) ?? "";
      return watch.visits.visit(node, node, part, async (visit): Promise<StepResult> => {
        const result = await call.call(message, context).catch(toFailure);
        return judge(watch, visit, part, result) ? { emit: [] } : (visit.failure ?? result);
      });
    },
  };
}

/**
 * A running flow waits for what is away, for as long as it takes. A trial asks again a few times, then the message is held there. Is this
 * the end of asking?
 */
function judge(watch: Watch, visit: Visit, part: string, result: StepResult | Verdict): boolean {
  const { refusals } = watch;
  const key = `${watch.visits.flight}/${visit.node}/${part}`;
  if (visit.failure || !isAway(result)) {
    refusals.delete(key);
    return false;
  }
  const count = (refusals.get(key) ?? 0) + 1;
  refusals.set(key, count);
  if (watch.mayAskAgain(visit.node, count)) return false;
  visit.away = result.cause;
  return true;
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
