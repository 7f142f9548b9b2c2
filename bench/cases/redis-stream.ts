import { brokerSink, brokerSource, type Case, type FlowSide, passOn } from "../case";
import { orders } from "../shapes";

const batch = 1_000;
const group = "by-hand";

const flow: FlowSide = {
  by: "flow",
  name: "flow",
  label: "flow",
  flows: ({ input, outputs }) => [passOn(brokerSource("redis-stream", input), brokerSink("redis-stream", outputs[0]!))],
};

/** One stream was asked for: the client answers with its name and its entries. */
type Read = [stream: Buffer, entries: [id: Buffer, fields: Buffer[]][]] | null;

export const redisStream: Case = {
  title: "Redis stream → Redis stream",
  about: `As a consumer group: ${batch} entries are read, added to another stream, and acknowledged when they are there.`,
  input: { from: "redis-stream", shape: orders, perSecond: 100_000 },
  output: { to: "redis-stream" },
  perMessage: 1,
  sides: [
    {
      by: "hand",
      name: "hand",
      label: "by hand, ioredis",
      client: "none",
      async run({ input, outputs }, hand) {
        const { Redis } = await import("ioredis");
        const [reader, writer] = [1, 2].map(() => new Redis(hand.redisUrl, { maxRetriesPerRequest: null }));
        await writer!.xgroup("CREATE", input, group, "0");
        let running = true;
        const work = async () => {
          const read = ["GROUP", group, "one", "COUNT", batch, "BLOCK", 500, "STREAMS", input, ">"];
          while (running) {
            const found = (await reader!.callBuffer("XREADGROUP", ...read)) as Read;
            const entries = found?.[1] ?? [];
            if (entries.length === 0) continue;
            const pipeline = writer!.pipeline();
            for (const [, fields] of entries) pipeline.xadd(outputs[0]!, "*", ...fields);
            await pipeline.exec();
            await writer!.xack(input, group, ...entries.map(([id]) => id));
          }
        };
        const ended = work();
        hand.onStop(async () => {
          running = false;
          await ended;
          reader!.disconnect();
          writer!.disconnect();
        });
      },
    },
    flow,
  ],
};
