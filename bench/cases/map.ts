import { parse } from "../by-hand/orders";
import { type Case, drawFlow, kafkaSink, kafkaSource, threeSides } from "../case";
import { orders } from "../shapes";

export const map: Case = {
  title: "Map",
  about: "Sets `total` to `body.price * body.quantity`: the body is parsed, changed and written again.",
  input: { from: "topic", shape: orders },
  output: { to: "topics", count: 1 },
  perMessage: 1,
  sides: threeSides(
    ({ input, outputs }) =>
      drawFlow(
        [
          kafkaSource(input),
          { id: "total", kind: "map", config: { set: { total: "body.price * body.quantity" } } },
          kafkaSink(outputs[0]!),
        ],
        [
          ["in", "total"],
          ["total", "out"],
        ],
      ),
    ({ input, outputs }, hand) =>
      hand.eachChunk(input, (chunk) =>
        hand.write(
          chunk.map((message) => {
            const order = parse(hand, message);
            const value = JSON.stringify({ ...order, total: order.price * order.quantity });
            return { topic: outputs[0]!, key: message.key, value, headers: message.headers };
          }),
        ),
      ),
  ),
};
