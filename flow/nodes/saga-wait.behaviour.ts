import type { SinkBehaviour } from "../behaviour";
import { parseDuration } from "../duration";
import type { ArriveRequest } from "../holding";
import { compileValue } from "./event-value";
import { placeIn } from "./held-place";
import type { SagaWaitConfig } from "./saga-wait";
import { writeBatch } from "./write-batch";

/** Works its input `event`: what comes in by `in` is the saga's own. */
export const sagaWaitBehaviour: SinkBehaviour<SagaWaitConfig> = {
  role: "sink",
  open(config, context) {
    const readValue = compileValue(config.event, { node: context.node, field: "event" });
    const keepMs = parseDuration(config.keepEvents);
    return {
      write: (batch, batchContext) =>
        writeBatch<ArriveRequest>(
          batch,
          (message, index) => {
            const value = readValue(message);
            return typeof value === "string" ? { ...placeIn(message, batchContext, index), value, keepMs } : value;
          },
          (requests) => context.holding.arrive(requests),
        ),
    };
  },
};
