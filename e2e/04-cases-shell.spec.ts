/** Cases from the shell, on the server's real worker: run, captured from a topic, and as the gate of a deploy. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, makeMark, test } from "./app";
import { createTopic } from "./services";
import { flow, flowJson } from "./shell";

test.describe.configure({ mode: "serial" });

const mark = makeMark(import.meta.url, "serial");
const name = `cases-${mark}`;
const [from, to] = [`cases.${mark}.orders`, `cases.${mark}.priced`];
let folder: string;
let file: string;

interface Document {
  settings?: object;
  nodes: { id: string; config: object }[];
  tests?: { name: string; expect: Record<string, { body: { total: number } }[]> }[];
}
const read = async () => JSON.parse(await readFile(file, "utf8")) as Document;
const write = (document: object) => writeFile(file, JSON.stringify(document));

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-cases-"));
  file = join(folder, `${name}.flow.json`);
  await write({
    format: "millrace/flow@1",
    name,
    nodes: [
      { id: "orders", kind: "kafka-source", config: { topic: from } },
      { id: "total", kind: "map", config: { set: { total: "body.price * body.quantity" } } },
      { id: "priced", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [
      { from: "orders", to: "total" },
      { from: "total", to: "priced" },
    ],
  });
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

test("runs the cases of an example, and writes them as JUnit XML", async () => {
  const junit = join(folder, "junit.xml");
  const ran = await flow(["test", "examples/orders-by-country.flow.json", "--junit", junit]);
  expect(ran.err).toBe("");
  expect(ran.code).toBe(0);
  expect(ran.out).toContain("3 cases: 3 passed, 0 failed. They came by 5 of 5 nodes and 4 of 4 ports.");
  expect(await readFile(junit, "utf8")).toContain('<testsuite name="orders-by-country" tests="3" failures="0"');
});

test("captures the newest messages of a topic as cases of the file", async () => {
  await createTopic(from);
  await createTopic(to);
  await flow(["push", file]);
  const orders = [1, 2, 3].map((n) => ({ key: `o-${n}`, body: { id: `o-${n}`, price: n, quantity: 2 } }));
  expect((await flow(["send", name, "orders", "-"], { input: JSON.stringify(orders) })).err).toBe("");
  const ran = await flow(["capture", file, "--last", "2"]);
  expect(ran.err).toBe("");
  expect(ran.out).toContain("2 cases added");
  const { tests = [] } = await read();
  expect(tests.map((each) => each.expect.priced?.[0]?.body.total).sort()).toEqual([4, 6]);
  expect((await flow(["test", file])).code).toBe(0);
});

test("deploys a flow that asks for its cases only when they pass", async () => {
  const document = await read();
  const broken = structuredClone(document);
  broken.settings = { requireTests: true };
  broken.nodes[1]!.config = { set: { total: "body.price" } };
  await write(broken);
  const failed = await flow(["test", file]);
  expect(failed.code).toBe(1);
  expect(failed.out).toMatch(/priced: `body\.total` of message 1 is [23], expected [46]/);
  const refused = await flow(["deploy", file]);
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/was not deployed\.\nerror\s+priced · tests\.0: Case “.+” fails\. At `priced`/);
  expect(await flowJson<unknown[]>(["status", name])).toEqual([]);

  await write({ ...document, settings: { requireTests: true } });
  expect((await flow(["deploy", file, "--wait", "30"])).err).toBe("");
  expect((await flow(["stop", name, "--wait", "30"])).code).toBe(0);
});
