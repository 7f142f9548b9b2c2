import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type FlowDocument, flowFormat } from "../../flow/document";
import { openPulsar } from "../transports/pulsar";
import { TcpProxy } from "../transports/tcp-proxy";
import { openRig, type Rig, servicesOfRunner, waitUntil } from "./rig";

const url = process.env.PULSAR_URL ?? "";
if (url === "") throw new Error("PULSAR_URL is not set: these tests need a real Pulsar");
const { hostname, port } = new URL(url);
const total = 8_000;
const keys = 50;
const partitions = 4;

const proxy = new TcpProxy({ host: hostname, port: Number(port) });
const transport = openPulsar({
  name: "outside",
  config: {},
  secrets: {},
  environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "", pulsarUrl: url },
  log: () => {},
});
let rig: Rig;

beforeAll(async () => {
  await proxy.listen();
  rig = await openRig(servicesOfRunner());
  await rig.database.prisma.connection.create({ data: { name: "pulsar", kind: "pulsar", config: { url: "" } } });
});
afterAll(async () => {
  await rig?.close();
  await transport.close();
  await proxy.cut();
});

async function feed(topic: string, from: number, to: number): Promise<void> {
  const messages = Array.from({ length: to - from }, (_, index) => {
    const n = from + index;
    return { topic, key: Buffer.from(`k${n % keys}`), value: Buffer.from(JSON.stringify({ n })), headers: [] };
  });
  const plain = { batching: false, compression: "none" } as const;
  const verdicts = await transport.port.produce(messages, plain, new AbortController().signal);
  expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
}

/** The numbers in a topic by key, in their order, as a plain WebSocket client reads them. */
async function readBack(topic: string): Promise<Map<string, number[]>> {
  const [place] = await transport.describe([topic]);
  let missing = place!.messages!;
  const byKey = new Map<string, number[]>();
  const sockets = Array.from({ length: partitions }, (_, partition) => {
    const path = `persistent/public/default/${topic}-partition-${partition}?messageId=earliest`;
    const socket = new WebSocket(`${url}/ws/v2/reader/${path}`);
    socket.on("message", (data) => {
      const { key, payload, messageId } = JSON.parse(String(data)) as Record<"key" | "payload" | "messageId", string>;
      socket.send(JSON.stringify({ messageId }));
      const { n } = JSON.parse(Buffer.from(payload, "base64").toString()) as { n: number };
      byKey.set(key, [...(byKey.get(key) ?? []), n]);
      missing--;
    });
    return socket;
  });
  await waitUntil("all of the topic", async () => missing === 0, 30_000);
  for (const socket of sockets) socket.terminate();
  return byKey;
}

it("goes from topic to topic while workers are killed, join and leave and connections break: nothing lost, each key in order", async () => {
  const name = `pulsar-${Date.now()}`;
  const [from, to] = [`${name}.in`, `${name}.out`];
  for (const topic of [from, to]) await transport.createPlace!("topic", topic, { partitions });
  const flow: FlowDocument = {
    format: flowFormat,
    name,
    settings: { trace: { perSecond: 1 } },
    nodes: [
      { id: "in", kind: "pulsar-source", config: { connection: "pulsar", topic: from } },
      { id: "keep", kind: "filter", config: { when: "body.n >= 0" } },
      { id: "out", kind: "pulsar-sink", config: { connection: "pulsar", topic: to } },
    ],
    edges: [
      { from: "in", to: "keep" },
      { from: "keep.pass", to: "out" },
    ],
  };
  const env = { PULSAR_URL: `ws://127.0.0.1:${proxy.port}` };
  await feed(from, 0, total / 2);
  const first = rig.startWorker(env);
  await rig.deploy(flow);
  await rig.running(name);
  const second = rig.startWorker(env);
  const feeding = feed(from, total / 2, total);
  await arrived(to, total / 8);
  first.kill("SIGKILL");
  await arrived(to, total / 4);
  await proxy.cut();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await proxy.listen();
  await feeding;
  await arrived(to, total / 2);
  await second.end();
  await waitUntil(
    "all of it",
    async () => (await lag(from)) === 0,
    60_000,
    async () => JSON.stringify(await rig.live(name)),
  );
  await rig.stop(name);

  const byKey = await readBack(to);
  const seen = new Set([...byKey.values()].flat());
  expect(seen.size).toBe(total);
  const copies = [...byKey.values()].flat().length - total;
  // Each trouble brings what was in hand once more: at most what two workers may have of four partitions.
  expect(copies).toBeLessThan(4 * partitions * 2 * 1_000);
  for (const numbers of byKey.values()) {
    const firsts = [...new Set(numbers)];
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
  }
  expect(await rig.deadLetters(name)).toBe(0);

  async function arrived(topic: string, count: number): Promise<void> {
    await waitUntil(
      `${count} messages in ${topic}`,
      async () => (await transport.describe([topic]))[0]!.messages! >= count,
      60_000,
      async () => JSON.stringify(await rig.live(name)),
    );
  }

  /** Messages that the flow's subscription has not acknowledged. */
  async function lag(topic: string): Promise<number> {
    const response = await fetch(
      `http://${hostname}:${port}/admin/v2/persistent/public/default/${topic}/partitioned-stats?getPreciseBacklog=true`,
    );
    const { subscriptions } = (await response.json()) as { subscriptions: Record<string, { msgBacklog: number }> };
    return subscriptions[`millrace.default.${name}.in`]!.msgBacklog;
  }
}, 240_000);
