import { brokerSink, brokerSource, type Case, type FlowSide, passOn } from "../case";
import { orders } from "../shapes";

/** Enough that the way to the server and back is never waited for. */
const prefetch = 500;

const flow: FlowSide = {
  by: "flow",
  name: "flow",
  label: "flow",
  flows: ({ input, outputs }) => [
    passOn(brokerSource("rabbitmq", input, { prefetch }), brokerSink("rabbitmq", outputs[0]!)),
  ],
};

export const rabbitmq: Case = {
  title: "RabbitMQ → RabbitMQ",
  about: `From one durable queue to another, persistent messages, ${prefetch} in hand, each acknowledged when the server has confirmed its copy.`,
  input: { from: "rabbitmq", shape: orders, perSecond: 12_000 },
  output: { to: "rabbitmq" },
  perMessage: 1,
  sides: [
    {
      by: "hand",
      name: "hand",
      label: "by hand, rabbitmq-client",
      client: "none",
      async run({ input, outputs }, hand) {
        const { Connection } = await import("rabbitmq-client");
        const connection = new Connection(hand.rabbitmqUrl);
        const publisher = connection.createPublisher({ confirm: true });
        const settings = { queue: input, queueOptions: { passive: true }, qos: { prefetchCount: prefetch } };
        const consumer = connection.createConsumer(settings, (message) =>
          publisher.send({ routingKey: outputs[0]!, durable: true, headers: message.headers }, message.body as Buffer),
        );
        let stopping = false;
        consumer.on("error", (error) => {
          // What is in hand when the round ends can no longer be acknowledged.
          if (!stopping) throw error;
        });
        hand.onStop(() => connection.close());
        hand.onStop(() => publisher.close());
        hand.onStop(() => {
          stopping = true;
          return consumer.close();
        });
      },
    },
    flow,
  ],
};
