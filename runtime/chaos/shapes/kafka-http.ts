import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { flowFormat } from "../../../flow/document";
import { sleep } from "../../backoff";
import { KafkaInput } from "../kafka-input";
import { keyOf, readArrived, wantNumbers } from "../numbered";
import type { Random } from "../random";
import { readTopic } from "../read-back";
import type { Shape } from "../shape";

/** Kafka → http-request → Kafka, with a service that counts, is slow, and sometimes answers 500. */
export const kafkaHttp: Shape = {
  name: "kafka-http",
  title: "Kafka → http-request (slow, sometimes 500) → Kafka",
  semantics: ["at-least-once"],
  stands: ["kafka"],
  async open({ house, name, random }) {
    const { outsider, kafka } = house;
    const input = await KafkaInput.open(house, name, { perSecond: 120, fillAtMost: 1_000 });
    const service = await startService(random);
    const out = `${name}.out`;
    await outsider.create(out);
    return {
      flow: {
        format: flowFormat,
        name,
        settings: { trace: { perSecond: 5 } },
        nodes: [
          { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: input.topic, start: "earliest" } },
          {
            id: "ask",
            kind: "http-request",
            config: { connection: "http", url: service.url, body: "{'n': body.n}", into: "answer", timeoutMs: 5_000 },
            retry: { attempts: 20, backoff: "fixed", delayMs: 50, maxDelayMs: 50 },
          },
          { id: "topic", kind: "kafka-sink", config: { connection: "kafka", topic: out } },
        ],
        edges: [
          { from: "in", to: "ask" },
          { from: "ask", to: "topic" },
        ],
      },
      fill: (count) => input.fill(count),
      startFeed: () => input.start(),
      countSent: () => input.sent,
      endFeed: () => input.end(),
      isSettled: () => input.isSettled(),
      countSettled: () => input.countSettled(),
      countArrived: () => outsider.count(out),
      async readBooks() {
        const wanted = wantNumbers(await input.readSent());
        const records = await readTopic(kafka.brokers, out);
        return [
          {
            sink: "topic",
            wanted,
            arrived: readArrived(records, ({ n, answer }: { n: number; answer?: { n: number } }) =>
              answer?.n === n ? String(n) : `${n} with the answer of ${answer?.n}`,
            ),
            // Requests of one key go one after another, so that each key keeps its order although several are on their way.
            ordered: true,
            perMessage: 1,
          },
          {
            sink: "service",
            wanted,
            arrived: service.answered.map((n) => ({ id: String(n), key: keyOf(n), lane: "service" })),
            ordered: true,
            perMessage: 1,
          },
        ];
      },
      close: service.close,
    };
  },
};

/** Answers after up to 30 ms, each twentieth time with 500. `answered` are the numbers that it took, in its order. */
async function startService(random: Random) {
  const answered: number[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { n } = JSON.parse(Buffer.concat(parts).toString()) as { n: number };
    await sleep(random.between(0, 30));
    if (random.next() < 0.05) return response.writeHead(500).end();
    answered.push(n);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ n }));
  });
  // A worker that is killed takes its requests with it.
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    answered,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/count`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
