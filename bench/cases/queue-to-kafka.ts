import { openJobs } from "../by-hand/jobs";
import { type Case, drawFlow, kafkaSink, threeSides } from "../case";
import { orders } from "../shapes";

const concurrency = 100;

export const queueToKafka: Case = {
  title: "BullMQ → Kafka",
  about: `Each job's data becomes a message; the job is done when Kafka has it. ${concurrency} jobs at once.`,
  input: { from: "queue", shape: orders },
  output: { to: "topics", count: 1 },
  perMessage: 1,
  sides: threeSides(
    ({ input, outputs }) =>
      drawFlow(
        [
          { id: "in", kind: "queue-source", config: { connection: "queue", queue: input, concurrency } },
          kafkaSink(outputs[0]!),
        ],
        [["in", "out"]],
      ),
    async ({ input, outputs }, hand) => {
      const jobs = await openJobs(hand);
      await jobs.each(input, concurrency, (job) =>
        hand.write([{ topic: outputs[0]!, key: null, value: JSON.stringify(job.data) }]),
      );
    },
  ),
};
