import { type Broker, brokerSink, brokerSource, type Case, passOn, type Side } from "../case";

/** What all of them carry on a small machine, Pulsar over its WebSocket API too. */
const perSecond = 500;

function sidesOf(broker: Broker, label: string): Side[] {
  const at = { input: { from: "pace", perSecond, over: broker }, output: { to: broker } } as const;
  return [
    { by: "nothing", name: `${broker}-nothing`, label: `${label}: nothing between`, ...at },
    {
      by: "flow",
      name: broker,
      label: `${label}: flow`,
      ...at,
      flows: ({ input, outputs }) => [passOn(brokerSource(broker, input), brokerSink(broker, outputs[0]!))],
    },
  ];
}

export const latencyBrokers: Case = {
  title: "Latency of the other brokers",
  about: `From the moment a plain client sends a message to the moment another has it at the other end, ${perSecond.toLocaleString("en")} a second, a flow from one place to another of the same broker between. *Nothing between* is what the two plain clients take alone.`,
  input: { from: "pace", perSecond, over: "rabbitmq" },
  output: { to: "rabbitmq" },
  perMessage: 1,
  manySides: true,
  sides: [
    ...sidesOf("rabbitmq", "RabbitMQ"),
    ...sidesOf("redis-stream", "Redis Streams"),
    ...sidesOf("pulsar", "Pulsar"),
  ],
};
