/** Sagas from the shell: found, read, decided, retried, cancelled; each ends on the version on which it began. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { SagaSummary, SagaView } from "@/server/saga-views";
import { expect, makeMark, test } from "./app";
import { flow, flowJson, pushFlow } from "./shell";

test.describe.configure({ mode: "serial" });

const name = `place-order-${makeMark(import.meta.url, "serial")}`;

/** Stock and cards: what was asked is kept, what a path answers is set by the test. */
async function startServices() {
  const asked: string[] = [];
  const answers = new Map<string, number>();
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      asked.push(request.url!);
      response.writeHead(answers.get(request.url!) ?? 200, { "content-type": "application/json" }).end('{"ok":true}');
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (path: string, status: number) => answers.set(path, status),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

let services: Awaited<ReturnType<typeof startServices>>;
test.beforeAll(async () => {
  services = await startServices();
});
test.afterAll(() => services.close());

/** Reserve, ask a person, charge. */
function draw(charge = "/charge", more: object = {}) {
  const call = (path: string, attempts = 1) => ({ call: "http", url: `${services.url}${path}`, attempts, delayMs: 0 });
  return {
    name,
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: name } },
      { id: "begin", kind: "saga-start", config: { key: "body.id" } },
      { id: "reserve", kind: "saga-step", config: { action: call("/reserve"), compensation: call("/release") } },
      { id: "approve", kind: "saga-approval", config: { question: "Charge ${body.total} for ${key}?" } },
      { id: "charge", kind: "saga-step", config: { action: call(charge), compensation: call("/refund") } },
      { id: "end", kind: "saga-end", config: {} },
      { id: "told", kind: "log", config: {} },
    ],
    edges: [
      { from: "hook", to: "begin" },
      { from: "begin", to: "reserve" },
      { from: "reserve", to: "approve" },
      { from: "approve.approved", to: "charge" },
      { from: "charge", to: "end" },
      { from: "end", to: "told" },
      { from: "begin.compensated", to: "told" },
    ],
    ...more,
  };
}

async function send(key: string): Promise<void> {
  const sent = await flow(["send", name, "hook", "-"], { input: JSON.stringify({ id: key, total: 40 }) });
  expect(sent.err).toBe("");
}

async function find(key: string): Promise<SagaSummary | undefined> {
  const { sagas } = await flowJson<{ sagas: SagaSummary[] }>(["sagas", name, "--key", key]);
  return sagas[0];
}

async function becomes(key: string, status: SagaSummary["status"], step?: string): Promise<SagaSummary> {
  await expect
    .poll(async () => {
      const saga = await find(key);
      return saga && [saga.status, ...(step === undefined ? [] : saga.steps)].join(" ");
    })
    .toBe([status, step].filter(Boolean).join(" "));
  return (await find(key))!;
}

test("a saga asks a person and goes on with the answer; its id is a run's, too", async () => {
  await pushFlow(draw());
  expect(await flowJson(["deploy", name, "--wait", "30"])).toMatchObject({ version: 1, state: "running" });
  await send("a-1");
  const { id } = await becomes("a-1", "asking", "approve");
  const asks = await flow(["saga", id]);
  for (const words of ["stands at approve", "reserve  done", "asks operator: Charge 40 for a-1?", `saga approve ${id}`])
    expect(asks.out).toContain(words);
  const approved = await flow(["saga", "approve", id, "--reason", "a good customer"]);
  expect(approved).toMatchObject({ code: 0, err: "" });
  expect(approved.out).toContain(`${id}: approved at approve`);
  await becomes("a-1", "completed");
  const shown = await flow(["run", id]);
  for (const words of [`${id}  completed`, "charge  done", "approve at approve by", "a good customer"])
    expect(shown.out).toContain(words);
  expect((await flow(["runs", name])).out).toContain(`${name} has 1 saga: 1 completed.`);
  const late = await flow(["saga", "cancel", id, "--reason", "too late"]);
  expect([late.code, late.out]).toEqual([1, ""]);
  expect(late.err).toContain("The saga is completed.");
});

test("a compensation that is stuck is tried again by hand", async () => {
  services.answer("/charge", 422);
  services.answer("/release", 500);
  await send("a-2");
  const { id } = await becomes("a-2", "asking", "approve");
  expect((await flow(["saga", "approve", id])).code).toBe(0);
  await becomes("a-2", "stuck", "reserve");
  const stuck = await flow(["saga", id]);
  for (const words of ["it goes back (charge)", "compensation  stuck", `saga retry ${id} reserve`])
    expect(stuck.out).toContain(words);
  services.answer("/release", 200);
  expect((await flow(["saga", "retry", id])).out).toContain("tried again at reserve");
  await becomes("a-2", "compensated");
  services.answer("/charge", 200);
});

test("a saga is cancelled, with a reason", async () => {
  await send("a-3");
  const { id } = await becomes("a-3", "asking", "approve");
  expect((await flow(["saga", "cancel", id])).code).toBe(2);
  expect((await flow(["saga", "cancel", id, "--reason", "sold out"])).code).toBe(0);
  await becomes("a-3", "compensated");
  expect((await flow(["saga", id])).out).toContain("sold out");
});

test("a saga ends on the version on which it began, drawn as that", async () => {
  await send("a-4");
  const { id } = await becomes("a-4", "asking", "approve");
  await pushFlow(draw("/charge-anew"));
  expect(await flowJson(["deploy", name, "--wait", "30"])).toMatchObject({ version: 2, state: "running" });
  const before = services.asked.length;
  expect((await flow(["saga", "approve", id])).code).toBe(0);
  await becomes("a-4", "completed");
  expect(services.asked.slice(before)).toEqual(["/charge"]);
  const view = await flowJson<SagaView>(["saga", id]);
  expect(view.version).toBe(1);
  expect(JSON.stringify(view.document.nodes)).not.toContain("/charge-anew");
});

test("sagas rest while their flow is stopped", async () => {
  await send("a-5");
  const { id } = await becomes("a-5", "asking", "approve");
  expect((await flow(["stop", name, "--wait", "30"])).out).toContain("1 saga rests until it is started again.");
  const refused = await flow(["saga", "approve", id]);
  expect(refused.err).toContain("Start it, then act. (flow-not-running)");
  expect(await flowJson(["deploy", name, "--wait", "30"])).toMatchObject({ state: "running" });
  expect((await flow(["saga", "approve", id])).code).toBe(0);
  await becomes("a-5", "completed");
  expect((await flow(["stop", name, "--wait", "30"])).code).toBe(0);
});

test("sagas that rest in Redis are found, shown and decided in the same way", async () => {
  await pushFlow(draw("/charge", { settings: { holding: { connection: "queue" } } }));
  expect(await flowJson(["deploy", name, "--wait", "30"])).toMatchObject({ version: 3, state: "running" });
  await send("b-1");
  const { id } = await becomes("b-1", "asking", "approve");
  const list = await flow(["sagas", name, "--limit", "2"]);
  expect(list.out).toMatch(/b-1 +approve[\s\S]*a-5[\s\S]*1 asking/);
  // A version that holds in Postgres leaves it there, and it goes on from there.
  expect((await flow(["rollback", name, "--wait", "30"])).code).toBe(0);
  expect((await flow(["saga", "approve", id])).err).toBe("");
  await becomes("b-1", "completed");
  expect((await flow(["saga", id])).out).toContain("approve at approve by");
  expect((await flow(["stop", name, "--wait", "30"])).code).toBe(0);
});
