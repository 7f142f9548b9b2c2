import { afterAll, beforeAll, expect, it } from "vitest";
import { type FlowDocument, flowFormat } from "../../flow/document";
import { openPulsar } from "../transports/pulsar";
import { openRig, type Rig, servicesOfRunner, waitUntil } from "./rig";
import { type Outsider, openOutsider } from "./topics";

const url = process.env.PULSAR_URL ?? "";
if (url === "") throw new Error("PULSAR_URL is not set: these tests need a real Pulsar");
const services = servicesOfRunner();
const total = 100;
let rig: Rig;
let outsider: Outsider;

beforeAll(async () => {
  [rig, outsider] = await Promise.all([openRig(services), openOutsider(services.kafkaBrokers)]);
  for (const kind of ["rabbitmq", "redis", "pulsar"]) {
    await rig.database.prisma.connection.create({ data: { name: kind, kind, config: { url: "" } } });
  }
  rig.startWorker();
});
afterAll(async () => {
  await Promise.all([rig?.close(), outsider?.close()]);
});

it("one trace goes through Kafka, RabbitMQ, Redis Streams, Pulsar and BullMQ, and is found in the run of each flow", async () => {
  const name = `five-${Date.now()}`;
  const place = { topic: `${name}.pulsar`, queue: `${name}-jobs`, stream: `${name}:stream`, rabbit: `${name}.rabbit` };
  await outsider.create(`${name}.in`, 2);
  await outsider.create(`${name}.out`, 2);
  await createPulsarTopic(place.topic);
  const flow = (
    part: string,
    from: FlowDocument["nodes"][number],
    to: FlowDocument["nodes"][number],
  ): FlowDocument => ({
    format: flowFormat,
    name: `${name}-${part}`,
    settings: { trace: { share: 1 } },
    nodes: [from, to],
    edges: [{ from: "in", to: "out" }],
  });
  const node = (id: "in" | "out", kind: string, config: Record<string, unknown>) => ({ id, kind, config });
  const rabbit = { connection: "rabbitmq", queue: place.rabbit, declare: true };
  const flows = [
    flow(
      "to-rabbitmq",
      node("in", "kafka-source", { connection: "kafka", topic: `${name}.in`, start: "earliest" }),
      node("out", "rabbitmq-sink", rabbit),
    ),
    flow(
      "to-redis",
      node("in", "rabbitmq-source", rabbit),
      node("out", "redis-stream-sink", { connection: "redis", stream: place.stream }),
    ),
    flow(
      "to-pulsar",
      node("in", "redis-stream-source", { connection: "redis", stream: place.stream }),
      node("out", "pulsar-sink", { connection: "pulsar", topic: place.topic }),
    ),
    flow(
      "to-bullmq",
      node("in", "pulsar-source", { connection: "pulsar", topic: place.topic }),
      node("out", "queue-sink", { connection: "queue", queue: place.queue }),
    ),
    flow(
      "to-kafka",
      node("in", "queue-source", { connection: "queue", queue: place.queue }),
      node("out", "kafka-sink", { connection: "kafka", topic: `${name}.out` }),
    ),
  ];
  for (const each of flows) await rig.deploy(each);
  for (const each of flows) await rig.running(each.name);
  const sent = Array.from({ length: total }, (_, n) => ({
    key: `k${n}`,
    value: `{"n": ${n},  "big": 9007199254740993}`,
    headers: { tenant: "a" },
  }));
  await outsider.send(`${name}.in`, sent);
  await waitUntil(
    "all to arrive",
    async () => (await outsider.count(`${name}.out`)) >= total,
    60_000,
    async () => JSON.stringify(await Promise.all(flows.map((each) => rig.live(each.name)))),
  );

  const got = await outsider.readAll(`${name}.out`);
  expect(got.map(({ key }) => String(key)).toSorted()).toEqual(sent.map(({ key }) => key).toSorted());
  for (const { key, value, headers } of got) {
    expect(String(value)).toBe(sent.find((message) => message.key === String(key))!.value);
    expect(String(headers.tenant)).toBe("a");
  }

  const runs = () => rig.database.prisma.run.findMany({ where: { flow: { startsWith: name } } });
  await waitUntil("the runs", async () => (await runs()).length === total * flows.length, 20_000);
  const all = await runs();
  const traces = new Set(all.map(({ traceId }) => traceId));
  expect(traces.size).toBe(total);
  for (const trace of traces) {
    const way = all.filter(({ traceId }) => traceId === trace);
    const inOrder = flows.map((each) => way.find((run) => run.flow === each.name));
    expect(inOrder.map((run) => run?.key)).toEqual(flows.map(() => inOrder[0]!.key));
    // Each continues the one before it.
    expect(inOrder.slice(1).map((run) => run?.parentSpan)).toEqual(inOrder.slice(0, -1).map((run) => run?.spanId));
  }
  for (const each of flows) await rig.stop(each.name);
}, 150_000);

async function createPulsarTopic(topic: string): Promise<void> {
  const transport = openPulsar({
    name: "outside",
    config: {},
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "", pulsarUrl: url },
    log: () => {},
  });
  await transport.createPlace!("topic", topic, { partitions: 2 });
  await transport.close();
}
