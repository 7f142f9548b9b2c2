import { brokerSink, brokerSource, type Case, type FlowSide, passOn } from "../case";
import { orders } from "../shapes";
import { openSockets } from "../sockets";

/** Received and not acknowledged, at most. */
const inHand = 1_000;

const flow: FlowSide = {
  by: "flow",
  name: "flow",
  label: "flow",
  flows: ({ input, outputs }) => [passOn(brokerSource("pulsar", input), brokerSink("pulsar", outputs[0]!))],
};

interface Received {
  readonly messageId: string;
  readonly payload: string;
  readonly key?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

export const pulsar: Case = {
  title: "Pulsar → Pulsar",
  about: `Over its WebSocket API, from one topic without partitions to another: ${inHand} in hand, each acknowledged when the broker has its copy.`,
  input: { from: "pulsar", shape: orders, perSecond: 15_000 },
  output: { to: "pulsar" },
  perMessage: 1,
  sides: [
    {
      by: "hand",
      name: "hand",
      label: "by hand, ws",
      client: "none",
      async run({ input, outputs }, hand) {
        const sockets = openSockets(hand.pulsarUrl);
        hand.onStop(async () => sockets.close());
        const consumer = await sockets.open(`consumer/${input}/by-hand?receiverQueueSize=${inHand}`);
        const producer = await sockets.open(`producer/${outputs[0]!}`);
        producer.on("message", (data) => {
          const { result, context, errorMsg } = JSON.parse(String(data)) as Record<string, string>;
          if (result !== "ok") throw new Error(`not written: ${errorMsg}`);
          consumer.send(JSON.stringify({ messageId: context }));
        });
        consumer.on("message", (data) => {
          const { messageId, payload, key, properties } = JSON.parse(String(data)) as Received;
          producer.send(JSON.stringify({ context: messageId, payload, key, properties }));
        });
      },
    },
    flow,
  ],
};
