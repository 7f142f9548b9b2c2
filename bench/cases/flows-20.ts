import type { Hand } from "../by-hand/hand";
import { copyTo, parse } from "../by-hand/orders";
import { type Case, drawFlow, kafkaSink, kafkaSource, type Places } from "../case";
import { orders } from "../shapes";

const count = 20;

async function runLoops({ input, outputs }: Places, hand: Hand): Promise<void> {
  for (const topic of outputs) {
    await hand.eachChunk(input, (chunk) =>
      hand.write(chunk.filter((message) => parse(hand, message).quantity > 4).map((message) => copyTo(topic, message))),
    );
  }
}

export const flows20: Case = {
  title: "20 flows in one worker",
  about:
    "Twenty flows with a filter on the body (half passes), each with its own group and topic to write to; the rate is that of all together.",
  input: { from: "topic", shape: orders },
  output: { to: "topics", count },
  perMessage: 0.5,
  readers: count,
  // Twenty groups that join, and eighty partitions that are written for the first time, keep the broker busy with themselves.
  settleSeconds: 3,
  sides: [
    { by: "hand", name: "stock", label: "20 loops by hand, kafkajs", client: "stock", run: runLoops },
    {
      by: "hand",
      name: "seam",
      label: "20 loops by hand, kafkajs with Millrace's seam",
      client: "seam",
      run: runLoops,
    },
    {
      by: "flow",
      name: "flow",
      label: "20 flows",
      flows: ({ input, outputs }) =>
        outputs.map((topic) =>
          drawFlow(
            [
              kafkaSource(input),
              { id: "half", kind: "filter", config: { when: "body.quantity > 4" } },
              kafkaSink(topic),
            ],
            [
              ["in", "half"],
              ["half.pass", "out"],
            ],
          ),
        ),
    },
  ],
};
