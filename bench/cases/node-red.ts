import { type Case, drawFlow, kafkaSink, kafkaSource } from "../case";
import { orders } from "../shapes";

export const nodeRed: Case = {
  title: "Node-RED beside it",
  about:
    "Kafka → switch on the body → Kafka, half passes. Node-RED with node-red-contrib-kafkajs reads a backlog that it can bear, the flow one as long as in the other cases. Node-RED's producer node does not wait for Kafka's acknowledgement before the next message; the flow does before it commits.",
  input: { from: "topic", shape: orders },
  output: { to: "topics", count: 1 },
  perMessage: 0.5,
  sides: [
    {
      by: "node-red",
      name: "node-red",
      label: "Node-RED",
      input: { from: "topic", shape: orders, messages: 40_000 },
      seconds: 20,
    },
    {
      by: "flow",
      name: "flow",
      label: "flow",
      flows: ({ input, outputs }) => [
        drawFlow(
          [
            kafkaSource(input),
            { id: "route", kind: "switch", config: { cases: [{ port: "many", when: "body.quantity > 4" }] } },
            kafkaSink(outputs[0]!),
          ],
          [
            ["in", "route"],
            ["route.many", "out"],
          ],
        ),
      ],
    },
  ],
};
