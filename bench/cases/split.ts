import { type Case, drawFlow, kafkaSink, kafkaSource, threeSides } from "../case";
import { baskets } from "../shapes";

export const splitOf10: Case = {
  title: "Split of 10",
  about: "Each message holds a list of ten and leaves as ten, each with its index and their number as headers.",
  input: { from: "topic", shape: baskets },
  output: { to: "topics", count: 1 },
  perMessage: 10,
  sides: threeSides(
    ({ input, outputs }) =>
      drawFlow(
        [kafkaSource(input), { id: "each", kind: "split", config: { items: "body.lines" } }, kafkaSink(outputs[0]!)],
        [
          ["in", "each"],
          ["each", "out"],
        ],
      ),
    ({ input, outputs }, hand) =>
      hand.eachChunk(input, (chunk) =>
        hand.write(
          chunk.flatMap(({ key, value, headers }) => {
            const { lines } = JSON.parse(hand.text(value)) as { lines: object[] };
            return lines.map((line, index) => ({
              topic: outputs[0]!,
              key,
              value: JSON.stringify(line),
              headers: hand.addHeaders(headers, {
                "split-index": String(index),
                "split-count": String(lines.length),
              }),
            }));
          }),
        ),
      ),
  ),
};
