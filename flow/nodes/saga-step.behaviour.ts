import type { SinkBehaviour } from "../behaviour";
import { correlationHeader } from "../saga/headers";
import { placeIn } from "./held-place";
import type { SagaStepConfig } from "./saga-step";

/** Works its input `reply`: what comes in by `in` is the saga's own. */
export const sagaStepBehaviour: SinkBehaviour<SagaStepConfig> = {
  role: "sink",
  open: (_config, context) => ({
    write: (batch, batchContext) =>
      context.holding.answer(
        batch.map((message, index) => ({
          ...placeIn(message, batchContext, index),
          correlationId: message.header(correlationHeader) ?? null,
        })),
      ),
  }),
};
