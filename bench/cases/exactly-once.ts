import { copyTo } from "../by-hand/orders";
import { eachTransaction } from "../by-hand/transactions";
import { type Case, drawFlow, kafkaSink, kafkaSource } from "../case";
import { orders } from "../shapes";

export const exactlyOnce: Case = {
  title: "Exactly once, Kafka → Kafka",
  about: "Messages and positions are written in one transaction, by one transactional producer per partition.",
  input: { from: "topic", shape: orders },
  output: { to: "topics", count: 1, transactional: true },
  perMessage: 1,
  sides: [
    {
      by: "hand",
      name: "stock",
      label: "by hand, kafkajs",
      client: "stock",
      run: ({ input, outputs }, hand) => eachTransaction(hand, input, (message) => copyTo(outputs[0]!, message)),
    },
    {
      by: "hand",
      name: "seam",
      label: "by hand, Millrace's transactions",
      client: "seam",
      async run({ input, outputs }, hand) {
        const { copyInTransactions } = await import("../by-hand/seam-transactions");
        await copyInTransactions(hand, input, outputs[0]!);
      },
    },
    {
      by: "flow",
      name: "flow",
      label: "flow",
      flows: ({ input, outputs }) => [
        drawFlow([kafkaSource(input), kafkaSink(outputs[0]!)], [["in", "out"]], { delivery: "exactly-once" }),
      ],
    },
  ],
};
