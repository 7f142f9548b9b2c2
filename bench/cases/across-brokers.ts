import { type Case, drawFlow, type FlowSide, kafkaSink, kafkaSource } from "../case";
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
const wire = [["in", "out"]] as const;

/** What a flow from one broker to another comes to; there is no loop by hand beside it, as each pair would want its own. */
export const acrossBrokers: Case = {
  title: "From broker to broker",
  about: "Messages pass unchanged from one broker to another.",
  input: { from: "topic", shape: orders },
  output: topics,
  perMessage: 1,
  maxRounds: 3,
  sides: [
    flow("kafka-rabbitmq", "Kafka → RabbitMQ", {
      output: { to: "rabbitmq" },
      flows: ({ input, outputs }) => [
        drawFlow(
          [
            kafkaSource(input),
            { id: "out", kind: "rabbitmq-sink", config: { connection: "rabbitmq", queue: outputs[0]! } },
          ],
          wire,
        ),
      ],
    }),
    flow("rabbitmq-kafka", "RabbitMQ → Kafka", {
      input: rabbitmq,
      flows: ({ input, outputs }) => [
        drawFlow(
          [
            { id: "in", kind: "rabbitmq-source", config: { connection: "rabbitmq", queue: input, prefetch: 500 } },
            kafkaSink(outputs[0]!),
          ],
          wire,
        ),
      ],
    }),
    flow("kafka-redis-stream", "Kafka → Redis stream", {
      output: { to: "redis-stream" },
      flows: ({ input, outputs }) => [
        drawFlow(
          [
            kafkaSource(input),
            { id: "out", kind: "redis-stream-sink", config: { connection: "redis", stream: outputs[0]! } },
          ],
          wire,
        ),
      ],
    }),
    flow("redis-stream-kafka", "Redis stream → Kafka", {
      input: stream,
      flows: ({ input, outputs }) => [
        drawFlow(
          [
            { id: "in", kind: "redis-stream-source", config: { connection: "redis", stream: input } },
            kafkaSink(outputs[0]!),
          ],
          wire,
        ),
      ],
    }),
    flow("kafka-pulsar", "Kafka → Pulsar", {
      output: { to: "pulsar" },
      flows: ({ input, outputs }) => [
        drawFlow(
          [
            kafkaSource(input),
            { id: "out", kind: "pulsar-sink", config: { connection: "pulsar", topic: outputs[0]! } },
          ],
          wire,
        ),
      ],
    }),
    flow("pulsar-kafka", "Pulsar → Kafka", {
      input: { from: "pulsar", shape: orders, perSecond: 15_000 },
      flows: ({ input, outputs }) => [
        drawFlow(
          [{ id: "in", kind: "pulsar-source", config: { connection: "pulsar", topic: input } }, kafkaSink(outputs[0]!)],
          wire,
        ),
      ],
    }),
  ],
};
