import type { SinkBehaviour } from "../behaviour";
import { correlationHeader } from "../saga/headers";
import { partOf } from "./message-id";
import type { SagaStepConfig } from "./saga-step";

/** Works its input `reply`: what comes in by `in` is the saga's own. */
export const sagaStepBehaviour: SinkBehaviour<SagaStepConfig> = {
  role: "sink",
  open: (_config, context) => ({
    write: (batch, batchContext) =>
      context.holding.answer(
        batch.map((message, index) => ({
          message,
          part: partOf(message, batchContext, index),
          correlationId: message.header(correlationHeader) ?? null,
        })),
      ),
  }),
};
