import type { BatchContext, Behaviour, NodeContext, OpenCall, OpenSink, OpenStep } from "../../flow/behaviour";
import type { Message } from "../../flow/message";
import { done, type Failure, isFailure, type StepResult, type Verdict } from "../../flow/verdict";
import { toFailure } from "../node-failure";
import type { Away } from "./away";
import type { Visits } from "./visits";

export interface Watch {
  readonly visits: Visits;
  readonly away: Away;
  /** Of so many messages that come to a node, how many it may still work. */
  admit(messages: number): number;
  /** May the node be asked again, after what it needs refused so often in a row? */
  readonly mayAskAgain: (stage: string, refusals: number) => boolean;
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
    open: (config: never, context: NodeContext) => watchStep(behaviour.open(config, context), context, watch),
  };
}

function watchStep(step: OpenStep, at: NodeContext, watch: Watch): OpenStep {
  const stage = nameStage(at);
  return {
    ...bindClose(step),
    ...(step.confirm ? { confirm: (batch) => step.confirm!(batch) } : {}),
    process(batch, context) {
      const count = watch.admit(batch.length);
      const judgeAll = (results: readonly StepResult[]) =>
        batch.map((message, index): StepResult => {
          const result = results[index];
          return !result || isHeld(watch, stage, message, result) ? { emit: [] } : result;
        });
      const results = step.process(batch.slice(0, count), context);
      return Array.isArray(results) ? judgeAll(results) : results.then(judgeAll);
    },
  };
}

function watchSink(sink: OpenSink, at: NodeContext, watch: Watch): OpenSink {
  const stage = nameStage(at);
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
          await watch.visits.visit(stage, at.node, part, async (visit): Promise<Verdict> => {
            const [verdict] = await sink.write([message], own).catch((error: unknown) => [toFailure(error)]);
            const answer = visit.failure ?? verdict ?? done;
            return isHeld(watch, stage, message, answer) ? done : answer;
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
        const answer = visit.failure ?? result;
        return isHeld(watch, node, message, answer) ? { emit: [] } : answer;
      });
    },
  };
}

/** Was what the message needs away once too often? */
function isHeld({ away, mayAskAgain }: Watch, stage: string, message: Message, result: StepResult | Verdict): boolean {
  if (!isAway(result)) {
    away.forget(stage, message);
    return false;
  }
  if (mayAskAgain(stage, away.count(stage, message))) return false;
  away.giveUp(stage, message, result.cause);
  return true;
}

/** As the plan names the stage of an input. */
function nameStage({ node, input }: NodeContext): string {
  return input === "in" ? node : `${node}.${input}`;
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
