import { openJobs } from "../by-hand/jobs";
import { parse } from "../by-hand/orders";
import { type Case, drawFlow, kafkaSource, threeSides } from "../case";
import { orders } from "../shapes";

export const kafkaToQueue: Case = {
  title: "Kafka → BullMQ",
  about:
    "Each message becomes a job with the body as its data; the flow keeps key and headers in the job as well, the loop does not.",
  input: { from: "topic", shape: orders },
  output: { to: "queue" },
  perMessage: 1,
  sides: threeSides(
    ({ input, outputs }) =>
      drawFlow(
        [kafkaSource(input), { id: "out", kind: "queue-sink", config: { connection: "queue", queue: outputs[0]! } }],
        [["in", "out"]],
      ),
    async ({ input, outputs }, hand) => {
      const jobs = await openJobs(hand);
      const queue = jobs.queue(outputs[0]!);
      await hand.eachChunk(input, (chunk) =>
        queue.addBulk(chunk.map((message) => ({ name: "message", data: parse(hand, message) }))),
      );
    },
  ),
};
