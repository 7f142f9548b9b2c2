import type { NodeContext, OpenSink, SinkBehaviour } from "../behaviour";
import { parsePath } from "../body-path";
import { parseDuration } from "../duration";
import type { HoldRequest, ReleaseRequest } from "../holding";
import { compileValue } from "./event-value";
import { placeIn } from "./held-place";
import type { WaitConfig } from "./wait";
import { writeBatch } from "./write-batch";

export const waitBehaviour: SinkBehaviour<WaitConfig> = {
  role: "sink",
  open: (config, context) => (context.input === "event" ? openEvents(config, context) : openMessages(config, context)),
};

function openMessages(config: WaitConfig, context: NodeContext): OpenSink {
  const readValue = compileValue(config.awaits, { node: context.node, field: "awaits" });
  const withinMs = parseDuration(config.within);
  const into = config.into ? { into: parsePath(config.into) } : {};
  return {
    write: (batch, batchContext) =>
      writeBatch<HoldRequest>(
        batch,
        (message, index) => {
          const awaits = readValue(message);
          if (typeof awaits !== "string") return awaits;
          const dueAt = context.now() + withinMs;
          return { ...placeIn(message, batchContext, index), port: "timeout", dueAt, awaits, ...into };
        },
        (requests) => context.holding.hold(requests),
      ),
  };
}

function openEvents(config: WaitConfig, context: NodeContext): OpenSink {
  const readValue = compileValue(config.event, { node: context.node, field: "event" });
  const keepMs = parseDuration(config.keepEvents);
  return {
    write: (batch, batchContext) =>
      writeBatch<ReleaseRequest>(
        batch,
        (message, index) => {
          const value = readValue(message);
          return typeof value === "string" ? { ...placeIn(message, batchContext, index), value, keepMs } : value;
        },
        (requests) => context.holding.release(requests),
      ),
  };
}
