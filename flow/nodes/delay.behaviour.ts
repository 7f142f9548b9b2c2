import type { BatchContext, SinkBehaviour } from "../behaviour";
import { dueAt } from "../due-time";
import { compileExpression, scopeOf } from "../expression";
import type { HoldRequest } from "../holding";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import type { Failure } from "../verdict";
import type { DelayConfig } from "./delay";
import { placeIn } from "./held-place";
import { writeBatch } from "./write-batch";

export const delayBehaviour: SinkBehaviour<DelayConfig> = {
  role: "sink",
  open(config, context) {
    const until = config.until ? compileExpression(config.until) : undefined;

    function toRequest(message: Message, batch: BatchContext, index: number): HoldRequest | Failure {
      try {
        const at = dueAt(config, until, scopeOf(message), context.now());
        return { ...placeIn(message, batch, index), port: "out", dueAt: at };
      } catch (error) {
        return failureOf(error, context.node, "until");
      }
    }

    return {
      write: (batch, batchContext) =>
        writeBatch(
          batch,
          (message, index) => toRequest(message, batchContext, index),
          (requests) => context.holding.hold(requests),
        ),
    };
  },
};
