import { copyTo } from "../by-hand/orders";
import { type Case, drawFlow, kafkaSink, kafkaSource, threeSides } from "../case";

export const latency: Case = {
  title: "Latency at 2,000 messages a second",
  about:
    "From the moment a plain producer sends a message to the moment a plain consumer has it at the other end, filter on the body (all pass) between. *Nothing between* is what the two plain clients take alone.",
  input: { from: "pace", perSecond: 2_000 },
  output: { to: "topics", count: 1 },
  perMessage: 1,
  sides: [
    { by: "nothing", name: "nothing", label: "nothing between" },
    ...threeSides(
      ({ input, outputs }) =>
        drawFlow(
          [kafkaSource(input), { id: "all", kind: "filter", config: { when: "body.at > 0" } }, kafkaSink(outputs[0]!)],
          [
            ["in", "all"],
            ["all.pass", "out"],
          ],
        ),
      ({ input, outputs }, hand) =>
        hand.eachChunk(input, (chunk) =>
          hand.write(
            chunk
              .filter(({ value }) => (JSON.parse(hand.text(value)) as { at: number }).at > 0)
              .map((message) => copyTo(outputs[0]!, message)),
          ),
        ),
    ),
  ],
};
