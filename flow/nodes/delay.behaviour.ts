import type { SinkBehaviour } from "../behaviour";
import { dueAt } from "../due-time";
import { compileExpression, scopeOf } from "../expression";
import type { HoldRequest } from "../holding";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import type { Failure } from "../verdict";
import type { DelayConfig } from "./delay";
import { partOf } from "./message-id";
import { writeBatch } from "./write-batch";

export const delayBehaviour: SinkBehaviour<DelayConfig> = {
  role: "sink",
  open(config, context) {
    const until = config.until ? compileExpression(config.until) : undefined;

    function toRequest(message: Message, part: string): HoldRequest | Failure {
      try {
        return { message, part, port: "out", dueAt: dueAt(config, until, scopeOf(message), context.now()) };
      } catch (error) {
        return failureOf(error, context.node, "until");
      }
    }

    return {
      write: (batch, batchContext) =>
        writeBatch(
          batch,
          (message, index) => toRequest(message, partOf(message, batchContext, index)),
          (requests) => context.holding.hold(requests),
        ),
    };
  },
};
