import { copyTo, parse } from "../by-hand/orders";
import { type Case, drawFlow, kafkaSink, kafkaSource, threeSides } from "../case";
import { countries, orders } from "../shapes";

export const switchOf8: Case = {
  title: "Switch of 8 to 8 topics",
  about: "`body.country` decides which of eight topics a message goes to; the last is found after eight comparisons.",
  input: { from: "topic", shape: orders },
  output: { to: "topics", count: countries.length },
  perMessage: 1,
  sides: threeSides(
    ({ input, outputs }) =>
      drawFlow(
        [
          kafkaSource(input),
          {
            id: "route",
            kind: "switch",
            config: {
              cases: countries.map((country) => ({
                port: country.toLowerCase(),
                when: `body.country == '${country}'`,
              })),
            },
          },
          ...countries.map((country, index) => kafkaSink(outputs[index]!, `to-${country.toLowerCase()}`)),
        ],
        [
          ["in", "route"],
          ...countries.map((country) => country.toLowerCase()).map((port) => [`route.${port}`, `to-${port}`] as const),
        ],
      ),
    ({ input, outputs }, hand) => {
      const topicOf = new Map(countries.map((country, index) => [country, outputs[index]!]));
      return hand.eachChunk(input, (chunk) =>
        hand.write(chunk.map((message) => copyTo(topicOf.get(parse(hand, message).country)!, message))),
      );
    },
  ),
};
