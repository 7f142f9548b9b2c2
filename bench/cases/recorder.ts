import type { FlowSettings } from "../../flow/document";
import { type Case, drawFlow, type FlowSide, kafkaSink, kafkaSource } from "../case";
import { orders } from "../shapes";

const side = (name: string, label: string, trace: FlowSettings["trace"]): FlowSide => ({
  by: "flow",
  name,
  label,
  flows: ({ input, outputs }) => [drawFlow([kafkaSource(input), kafkaSink(outputs[0]!)], [["in", "out"]], { trace })],
});

export const recorder: Case = {
  title: "Recorder",
  about: "The flow that costs least (untouched) under each setting of its traces, so that recording weighs most.",
  input: { from: "topic", shape: orders },
  output: { to: "topics", count: 1 },
  perMessage: 1,
  sides: [
    side("off", "no runs", { perSecond: 0 }),
    side("ten", "10 runs a second (the default)", { perSecond: 10 }),
    side("percent", "1 % of the runs", { share: 0.01 }),
    side("all", "all runs", { share: 1 }),
  ],
};
