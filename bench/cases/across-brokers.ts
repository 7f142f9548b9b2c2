import { brokerSink, brokerSource, type Case, type FlowSide, kafkaSink, kafkaSource, passOn } from "../case";
import { orders } from "../shapes";

const flow = (name: string, label: string, side: Pick<FlowSide, "input" | "output" | "flows">): FlowSide => ({
  by: "flow",
  name,
  label,
  ...side,
});
const topics = { to: "topics", count: 1 } as const;
const rabbitmq = { from: "rabbitmq", shape: orders, perSecond: 12_000 } as const;
const stream = { from: "redis-stream", shape: orders, perSecond: 100_000 } as const;

/** What a flow from one broker to another comes to; there is no loop by hand beside it, as each pair would want its own. */
export const acrossBrokers: Case = {
  title: "From broker to broker",
  about: "Messages pass unchanged from one broker to another.",
  input: { from: "topic", shape: orders },
  output: topics,
  perMessage: 1,
  manySides: true,
  sides: [
    flow("kafka-rabbitmq", "Kafka → RabbitMQ", {
      output: { to: "rabbitmq" },
      flows: ({ input, outputs }) => [passOn(kafkaSource(input), brokerSink("rabbitmq", outputs[0]!))],
    }),
    flow("rabbitmq-kafka", "RabbitMQ → Kafka", {
      input: rabbitmq,
      flows: ({ input, outputs }) => [
        passOn(brokerSource("rabbitmq", input, { prefetch: 500 }), kafkaSink(outputs[0]!)),
      ],
    }),
    flow("kafka-redis-stream", "Kafka → Redis stream", {
      output: { to: "redis-stream" },
      flows: ({ input, outputs }) => [passOn(kafkaSource(input), brokerSink("redis-stream", outputs[0]!))],
    }),
    flow("redis-stream-kafka", "Redis stream → Kafka", {
      input: stream,
      flows: ({ input, outputs }) => [passOn(brokerSource("redis-stream", input), kafkaSink(outputs[0]!))],
    }),
    flow("kafka-pulsar", "Kafka → Pulsar", {
      output: { to: "pulsar" },
      flows: ({ input, outputs }) => [passOn(kafkaSource(input), brokerSink("pulsar", outputs[0]!))],
    }),
    flow("pulsar-kafka", "Pulsar → Kafka", {
      input: { from: "pulsar", shape: orders, perSecond: 15_000 },
      flows: ({ input, outputs }) => [passOn(brokerSource("pulsar", input), kafkaSink(outputs[0]!))],
    }),
  ],
};
