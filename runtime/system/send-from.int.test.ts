import { afterAll, beforeAll, expect, it } from "vitest";
import { type FlowDocument, flowFormat } from "../../flow/document";
import { findStepInput } from "../../flow/kept-payload";
import { queueFromRun } from "../../prisma/queue-from-run";
import { unpackRunDetail } from "../../prisma/run-detail";
import { openRig, type Rig, type RigWorker, servicesOfRunner, waitUntil } from "./rig";
import { type Outsider, openOutsider } from "./topics";

const services = servicesOfRunner();
let rig: Rig;
let outsider: Outsider;
let worker: RigWorker;
beforeAll(async () => {
  [rig, outsider] = await Promise.all([openRig(services), openOutsider(services.kafkaBrokers)]);
  worker = rig.startWorker();
});
afterAll(async () => {
  await Promise.all([rig?.close(), outsider?.close()]);
});

/** Doubles, then takes once by the letter's id what was sent again, all else by its key. */
const flowOf = (name: string, factor: number): FlowDocument => ({
  format: flowFormat,
  name,
  settings: { trace: { share: 1 } },
  nodes: [
    { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: `${name}.in`, start: "earliest" } },
    { id: "price", kind: "map", config: { set: { total: `body.price * ${factor}` } } },
    { id: "tax", kind: "map", config: { set: { taxed: `int(body.total) * ${factor}` } } },
    {
      id: "once",
      kind: "idempotent-receiver",
      config: { key: "has(headers['millrace-run-id']) ? headers['millrace-run-id'] : body.id" },
    },
    { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: `${name}.out`, messageId: true } },
  ],
  edges: [
    { from: "in", to: "price" },
    { from: "price", to: "tax" },
    { from: "tax", to: "once" },
    { from: "once", to: "out" },
  ],
});

it("enters a step of a run at its node of the version that runs, in the trace of its run, also when the worker is killed", async () => {
  const name = `from-${Date.now()}`;
  await outsider.create(`${name}.in`, 1);
  await outsider.create(`${name}.out`, 1);
  await rig.deploy(flowOf(name, 2));
  await rig.running(name);
  await outsider.send(`${name}.in`, [{ key: "k", value: '{"id":"o-1","price":3}', headers: { tenant: "a" } }]);
  const { prisma } = rig.database;
  const runsOf = () => prisma.run.findMany({ where: { flow: name }, orderBy: { startedAt: "asc" } });
  await waitUntil("its run", async () => (await runsOf()).length === 1, 30_000);
  await rig.deploy(flowOf(name, 10));
  await rig.running(name);

  const [run] = await runsOf();
  const detail = unpackRunDetail(run!.detail);
  const step = detail.steps.findIndex(({ node }) => node === "tax");
  const input = findStepInput(detail, step);
  if ("why" in input) throw new Error(input.why);
  const { flowId, flow } = run!;
  const base = {
    environment: "default",
    flowId,
    flow,
    version: 2,
    run: run!,
    payload: input.payload,
    codec: "json",
    by: "me",
  };
  const send = (node: string, edited?: string) =>
    prisma.$transaction((tx) =>
      queueFromRun(tx, {
        ...{ ...base, step, node },
        ...(edited === undefined ? {} : { edited: { value: new Uint8Array(Buffer.from(edited)) } }),
      }),
    );
  // Sent while it is on its way, which it is for as long as the worker stands still, it is not sent twice; killed, the next worker takes it up.
  worker.kill("SIGSTOP");
  const sent = await send("tax");
  expect(await send("tax")).toBeNull();
  worker.kill("SIGKILL");
  const stateOf = async (id: string) => (await prisma.deadLetter.findUniqueOrThrow({ where: { id } })).state;
  await waitUntil("it to be sent", async () => (await stateOf(sent!.letter)) === "sent", 90_000);

  const outcome = await outsider.readAll(`${name}.out`);
  const told = outcome.map(({ value, headers }) => ({
    body: JSON.parse(String(value)),
    ...Object.fromEntries(Object.entries(headers).map(([header, bytes]) => [header, String(bytes)])),
  })) as Record<string, unknown>[];
  expect(told[0]).toMatchObject({ body: { total: 6, taxed: 12 } });
  // The step before is not done again; this one and what follows is, by the version that runs.
  expect(told.at(-1)).toMatchObject({
    ...{ body: { id: "o-1", price: 3, total: 6, taxed: 60 }, tenant: "a" },
    ...{ "millrace-run-id": run!.id, "millrace-dead-letter-id": sent!.letter },
  });
  expect(told.at(-1)!["millrace-message-id"]).not.toBe(told[0]!["millrace-message-id"]);
  expect(new Set(told.map((each) => each["millrace-message-id"])).size).toBe(2);
  await waitUntil("its run", async () => (await runsOf()).length >= 2, 30_000);
  const next = (await runsOf()).at(-1)!;
  expect(next).toMatchObject({
    ...{ traceId: run!.traceId, parentSpan: run!.spanId, lane: "redrive", position: sent!.letter, version: 2 },
    state: "done",
  });
  expect(unpackRunDetail(next.detail).steps.map(({ node }) => node)).toEqual(["tax", "once", "out"]);

  // Failing, it is the same letter and waits; mended it goes through.
  const failing = await send("tax", '{"id":"o-1","total":"x"}');
  expect(failing!.letter).toBe(sent!.letter);
  await waitUntil("it to wait", async () => (await stateOf(sent!.letter)) === "waiting", 60_000);
  const letter = await prisma.deadLetter.findUniqueOrThrow({ where: { id: sent!.letter } });
  expect(letter).toMatchObject({ node: "tax", causeCode: "expression-failed" });
  // Of a node that the version does not have it is told so.
  const gone = await send("gone");
  await waitUntil("the refusal", async () => (await stateOf(gone!.letter)) === "waiting", 30_000);
  expect((await prisma.deadLetter.findUniqueOrThrow({ where: { id: gone!.letter } })).reason).toContain("no node");
  await rig.stop(name);
});
