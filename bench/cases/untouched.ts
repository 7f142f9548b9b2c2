import { copyTo } from "../by-hand/orders";
import { type Case, drawFlow, kafkaSink, kafkaSource, threeSides } from "../case";
import { orders } from "../shapes";

export const untouched: Case = {
  title: "Kafka → Kafka, untouched",
  about: "Each message goes to another topic as it came.",
  input: { from: "topic", shape: orders },
  output: { to: "topics", count: 1 },
  perMessage: 1,
  sides: threeSides(
    ({ input, outputs }) => drawFlow([kafkaSource(input), kafkaSink(outputs[0]!)], [["in", "out"]]),
    ({ input, outputs }, hand) =>
      hand.eachChunk(input, (chunk) => hand.write(chunk.map((message) => copyTo(outputs[0]!, message)))),
  ),
};
