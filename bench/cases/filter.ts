import type { Hand, Incoming } from "../by-hand/hand";
import { copyTo, parse } from "../by-hand/orders";
import { type Case, drawFlow, kafkaSink, kafkaSource, threeSides } from "../case";
import { orders } from "../shapes";

/** Kafka → filter → Kafka, by an expression and by what an engineer would write for it. */
function filterCase(
  title: string,
  about: string,
  passing: number,
  when: string,
  passes: (message: Incoming, hand: Hand) => boolean,
): Case {
  return {
    title,
    about,
    input: { from: "topic", shape: orders },
    output: { to: "topics", count: 1 },
    perMessage: passing,
    sides: threeSides(
      ({ input, outputs }) =>
        drawFlow(
          [kafkaSource(input), { id: "some", kind: "filter", config: { when } }, kafkaSink(outputs[0]!)],
          [
            ["in", "some"],
            ["some.pass", "out"],
          ],
        ),
      ({ input, outputs }, hand) =>
        hand.eachChunk(input, (chunk) =>
          hand.write(chunk.filter((message) => passes(message, hand)).map((message) => copyTo(outputs[0]!, message))),
        ),
    ),
  };
}

export const filterKey = filterCase(
  "Filter on the key, 1 % passes",
  "`key.endsWith('07')`: the body is never parsed.",
  0.01,
  "key.endsWith('07')",
  ({ key }, hand) => hand.text(key).endsWith("07"),
);

export const filterHeader = filterCase(
  "Filter on a header, 1 % passes",
  "`headers.kind == 'rare'`: the body is never parsed.",
  0.01,
  "headers.kind == 'rare'",
  ({ headers }, hand) => hand.header(headers, "kind") === "rare",
);

export const filterBodyFew = filterCase(
  "Filter on the body, 1 % passes",
  "`body.kind == 'rare'`: the counterpart of the filters on key and header.",
  0.01,
  "body.kind == 'rare'",
  (message, hand) => parse(hand, message).kind === "rare",
);

export const filterBody = filterCase(
  "Filter on the body, half passes",
  "`body.quantity > 4`.",
  0.5,
  "body.quantity > 4",
  (message, hand) => parse(hand, message).quantity > 4,
);
