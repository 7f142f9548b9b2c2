/** The same from the shell, and what it refuses: each with its words on standard error, and nothing changed. */
import { expect, makeMark, signIn, test } from "./app";
import { createTopic, describeTopics, readTopic } from "./services";
import { flow, flowJson, pushFlow, runNpm } from "./shell";

test.describe.configure({ mode: "serial" });

const mark = makeMark(import.meta.url, "serial");
const name = `shell-${mark}`;
const [from, to] = [`shell.${mark}.in`, `shell.${mark}.out`];

/** A drawing that is well; what is wrong is put into it. */
function makeFlow(change: object = {}) {
  return {
    format: "millrace/flow@1",
    name,
    title: "From the shell",
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic: from } },
      { id: "rule", kind: "filter", config: { when: "body.quantity > 0" } },
      { id: "out", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [
      { from: "in", to: "rule" },
      { from: "rule.pass", to: "out" },
    ],
    ...change,
  };
}

const asFile = (document: unknown) => ({ input: JSON.stringify(document) });

interface Status {
  flow: string;
  state: string;
  desired: string;
  version: number;
  nodes: Record<string, { in: number; ports: Record<string, number>; dead: number }>;
  lanes: { lane: string; lag: number | null }[];
  workers: { pid: number; version: number }[];
}
const statusOf = async () => (await flowJson<Status[]>(["status", name]))[0];

test("deploys a file of the examples and waits until it runs", async () => {
  const ran = await runNpm(["deploy", "examples/orders-by-country.flow.json", "--wait", "30", "--json"]);
  expect(ran.err).toBe("");
  expect(ran.code).toBe(0);
  // One document, nothing else.
  expect(JSON.parse(ran.out)).toMatchObject({ flow: "orders-by-country", ok: true, state: "running", workers: 1 });
  const list = await flowJson<{ name: string; title: string }[]>(["list"]);
  expect(list.map((each) => each.name)).toEqual(
    expect.arrayContaining(["hook-to-queue", "notify-warehouse", "order-traffic", "orders-by-country"]),
  );
  expect((await flow(["stop", "orders-by-country", "--wait", "30"])).code).toBe(0);
});

test("deploys, makes missing topics when told to, sends, and shows status, runs and a run", async () => {
  await createTopic(from);
  const refused = await flow(["deploy", "-", "--json"], asFile(makeFlow()));
  // `-` is no file name: it is told apart from a flow's name.
  expect(refused.code).not.toBe(0);
  await pushFlow(makeFlow());
  const missing = await flow(["deploy", name]);
  expect(missing.code).toBe(1);
  expect(missing.err).toContain("topic-missing");
  expect(missing.err).toContain("--create");
  expect(await statusOf()).toBeUndefined();
  const deployed = await flowJson<{ version: number }>(["deploy", name, "--create", "--wait", "30"]);
  expect(deployed).toMatchObject({ ok: true, version: 1, state: "running" });
  expect(await describeTopics([to])).toEqual({ [to]: 4 });

  const events = [
    { key: "k-1", headers: { from: "shell" }, body: { id: "s-1", quantity: 2 } },
    { key: "k-2", body: { id: "s-2", quantity: 0 } },
  ];
  expect(await sendEvents(events)).toMatchObject({ sent: 2 });
  const read = await readTopic(to, 1);
  expect(read).toMatchObject([{ key: "k-1", value: '{"id":"s-1","quantity":2}' }]);

  // Two keys, two lanes: the second message may come through after the first is at its end.
  await expect.poll(async () => (await statusOf())?.nodes.rule).toMatchObject({ in: 2, ports: { pass: 1 } });
  const status = (await statusOf())!;
  expect(status).toMatchObject({ state: "running", desired: "running", version: 1 });
  expect(status.workers).toHaveLength(1);
  expect(status.nodes.in!.ports).toMatchObject({ out: 2 });
  expect(status.lanes).toHaveLength(4);
  const table = await flow(["status", name]);
  expect(table.out).toContain(`${name}  running  v1`);
  expect(table.out).toContain(String(status.workers[0]!.pid));

  const find = async () =>
    (await flowJson<{ runs: { id: string; state: string }[] }>(["runs", name, "--key", "k-1"])).runs;
  await expect.poll(async () => (await find()).length).toBe(1);
  const [run] = await find();
  expect(run?.state).toBe("done");
  const steps = await flow(["run", run!.id]);
  expect(steps.code).toBe(0);
  for (const words of ["in  done", "rule  done", "out  done", "key k-1", "from: shell", '"quantity":2'])
    expect(steps.out).toContain(words);
});

test("what cannot be worked is listed by dead, mended by redrive", async () => {
  expect(await sendEvents([{ key: "k-3", body: { id: "s-3" } }])).toMatchObject({ sent: 1 });
  interface Dead {
    items: { id: string; node: string; causeCode: string }[];
  }
  const list = async () => (await flowJson<Dead>(["dead", name])).items;
  await expect.poll(async () => (await list()).length).toBe(1);
  expect((await list())[0]).toMatchObject({ node: "rule", causeCode: "expression-failed" });
  const failed = await flowJson<{ runs: object[] }>(["runs", name, "--failed"]);
  expect(failed.runs).toMatchObject([{ state: "dead", errorNode: "rule" }]);

  const wrong = await flow(["redrive", name, "--edit", "{'id': body.nothing}"]);
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain("nothing");
  expect(await list()).toHaveLength(1);
  const sent = await flowJson(["redrive", name, "--edit", "{'id': body.id, 'quantity': 1}"]);
  expect(sent).toMatchObject({ queued: 1 });
  const read = await readTopic(to, 2);
  expect(read.map(({ value }) => value)).toContain('{"id":"s-3","quantity":1}');
  await expect.poll(async () => (await list()).length).toBe(0);
});

test("an expression without an end is ended; the messages behind it go on", async () => {
  const endless = makeFlow();
  const name = `${endless.name}-endless`;
  // Each level multiplies what the one above it does.
  const all = (inner: string, level: number): string =>
    level === 0 ? inner : `body.items.all(i${level}, ${all(inner, level - 1)})`;
  await pushFlow({
    ...endless,
    name,
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: name } },
      { id: "rule", kind: "filter", config: { when: all("i1 < 1000", 4) } },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [
      { from: "hook", to: "rule" },
      { from: "rule.pass", to: "seen" },
    ],
  });
  expect(await flowJson(["deploy", name, "--wait", "30"])).toMatchObject({ state: "running" });
  const items = Array.from({ length: 400 }, (_, index) => index);
  const file = (body: object) => ({ input: JSON.stringify(body) });
  expect((await flow(["send", name, "hook", "-"], file({ items }))).code).toBe(0);
  expect((await flow(["send", name, "hook", "-"], file({ items: [1] }))).code).toBe(0);
  await expect.poll(async () => (await flow(["dead", name])).out).toContain("expression-too-costly");
  await expect
    .poll(async () => (await flowJson<Status[]>(["status", name]))[0]?.nodes.rule?.ports)
    .toMatchObject({ pass: 1 });
  expect((await flow(["stop", name, "--wait", "30"])).code).toBe(0);
});

test("versions, rollback, export, stop", async () => {
  const changed = makeFlow();
  changed.nodes[1]!.config = { when: "body.quantity > 5" };
  await pushFlow(changed);
  expect(await flowJson(["deploy", name, "--wait", "30", "--message", "Only large ones"])).toMatchObject({
    version: 2,
    createdVersion: true,
    state: "running",
  });
  const versions = await flowJson<{ versions: { number: number; message: string; running: boolean }[] }>([
    "versions",
    name,
  ]);
  expect(versions.versions).toMatchObject([
    { number: 2, message: "Only large ones", running: true },
    { number: 1, running: false },
  ]);
  expect(await flowJson(["rollback", name, "--wait", "30"])).toMatchObject({ version: 1, state: "running" });
  expect(await flowJson(["deploy", `${name}@2`, "--wait", "30"])).toMatchObject({ version: 2, createdVersion: false });

  const draft = await flow(["export", name]);
  expect(JSON.parse(draft.out)).toMatchObject(changed);
  const first = await flow(["export", name, "--version", "1"]);
  expect(JSON.parse(first.out)).toMatchObject(makeFlow());
  // What was exported is taken again and changes nothing.
  const before = await flowJson<{ revision: number }>(["push", "-"], draft.out);
  const again = await flowJson<{ revision: number }>(["push", "-"], draft.out);
  expect(again.revision).toBe(before.revision);

  expect((await flow(["stop", name, "--wait", "30"])).out).toContain("is stopped");
  expect(await statusOf()).toMatchObject({ state: "stopped", desired: "stopped" });
  expect(await flowJson(["start", name, "--wait", "30"])).toMatchObject({ version: 2, state: "running" });
  expect((await flow(["start", name])).err).toContain("runs already, on v2");
  expect((await flow(["stop", name, "--wait", "30"])).code).toBe(0);
});

test("bad files are refused with clear words, and nothing is changed", async () => {
  const base = makeFlow();
  const [source, rule, sink] = base.nodes;
  const withNode = (node: object) => makeFlow({ nodes: [source, node, sink] });
  const cases: Record<string, { document: unknown; code: string; words: RegExp }> = {
    "another format version": {
      document: makeFlow({ format: "millrace/flow@9" }),
      code: "file-format",
      words: /millrace\/flow@9.*millrace\/flow@1/,
    },
    "an unknown kind": {
      document: withNode({ ...rule, kind: "fliter" }),
      code: "node-kind-unknown",
      words: /fliter/,
    },
    "an unknown field of the file": {
      document: makeFlow({ colour: "red" }),
      code: "file-field-unknown",
      words: /colour/,
    },
    "an unknown field of a kind": {
      document: withNode({ ...rule, config: { when: "true", wen: "false" } }),
      code: "config-field-unknown",
      words: /wen/,
    },
    "an unknown port": {
      document: makeFlow({ edges: [base.edges[0], { from: "rule.passt", to: "out" }] }),
      code: "edge-port-unknown",
      words: /passt/,
    },
    "a wire to nowhere": {
      document: makeFlow({ edges: [...base.edges, { from: "rule.rest", to: "nowhere" }] }),
      code: "edge-node-unknown",
      words: /nowhere/,
    },
    "a cycle": {
      document: makeFlow({
        nodes: [...base.nodes, { id: "back", kind: "map", config: { set: { again: "true" } } }],
        edges: [...base.edges, { from: "rule.rest", to: "back" }, { from: "back", to: "rule" }],
      }),
      code: "edge-cycle",
      words: /back/,
    },
    "a duplicate id": {
      document: makeFlow({ nodes: [...base.nodes, rule] }),
      code: "node-id-duplicate",
      words: /rule/,
    },
    "a wrong expression": {
      document: withNode({ ...rule, config: { when: "body.quantity >" } }),
      code: "expression-syntax",
      words: /rule.*when/,
    },
    "a name that no expression knows": {
      document: withNode({ ...rule, config: { when: "boddy.quantity > 0" } }),
      code: "expression-unknown-name",
      words: /boddy/,
    },
    "an expression too deep to be tried": {
      document: withNode({ ...rule, config: { when: `${"(".repeat(100)}true${")".repeat(100)}` } }),
      code: "expression-too-costly",
      words: /rule/,
    },
    "no JSON": { document: null, code: "file-not-json", words: /JSON/ },
  };
  const draftBefore = await flow(["export", name]);
  for (const [what, { document, code, words }] of Object.entries(cases)) {
    await test.step(what, async () => {
      const input = document === null ? "{ this is no JSON" : JSON.stringify(document);
      const checked = await flow(["check", "-"], { input, env: { MILLRACE_URL: "http://127.0.0.1:9" } });
      expect(checked.code, what).toBe(1);
      expect(checked.out + checked.err, what).toContain(code);
      expect(checked.out + checked.err, what).toMatch(words);
      expect(checked.err, what).not.toBe("");
    });
  }
  for (const what of ["another format version", "a duplicate id", "no JSON"]) {
    const document = cases[what]!.document;
    const pushed = await flow(["push", "-"], { input: document === null ? "{ no" : JSON.stringify(document) });
    expect(pushed.code, what).toBe(1);
    expect(pushed.err, what).toContain(cases[what]!.code);
  }
  expect(await flow(["export", name])).toEqual(draftBefore);

  const unknown = await flow(["deploy", "no-such-flow"]);
  expect(unknown.code).toBe(1);
  expect(unknown.err).toContain("no-such-flow");
  const badly = await flow(["deplo"]);
  expect(badly.code).toBe(2);
  expect(badly.err).toContain("There is no command “deplo”.");
});

test("a connection without its secret keeps a flow from deploying, in words", async () => {
  const connection = `sasl-${mark}`;
  const made = ["connect", connection, "--kind", "kafka", "--set", "brokers=127.0.0.1:1"];
  const ran = await flow([...made, "--set", "mechanism=plain", "--set", "username=ada"]);
  expect(ran.code, ran.err).toBe(0);
  const document = makeFlow({ name: `${name}-sasl` });
  document.nodes[0]!.config = { topic: from, connection } as never;
  await pushFlow(document);
  const refused = await flow(["deploy", document.name]);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("connection-incomplete");
  expect(refused.err).toMatch(/password/i);
});

test("a token of too small a role is refused in words, and nothing is changed", async ({ page }) => {
  await signIn(page);
  await page.goto("/settings");
  await page.getByRole("tab", { name: "API tokens" }).click();
  await page.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Only looks");
  await dialog.getByLabel("Role").click();
  await page.getByRole("option", { name: "Viewer" }).click();
  await dialog.getByRole("button", { name: "Create token" }).click();
  const token = (await dialog.locator("pre").innerText()).trim();
  await dialog.getByRole("button", { name: "I have copied it" }).click();

  const env = { MILLRACE_TOKEN: token };
  expect((await flow(["list"], { env })).code).toBe(0);
  for (const args of [
    ["deploy", name],
    ["stop", "orders-by-country"],
    ["push", "-"],
    ["redrive", name],
  ]) {
    const refused = await flow(args, { env, ...asFile(makeFlow()) });
    expect(refused.code, args[0]).toBe(1);
    expect(refused.err, args[0]).toMatch(/viewer|role/i);
  }
  const nobody = await flow(["list"], { env: { MILLRACE_TOKEN: "not-a-token" } });
  expect(nobody.code).toBe(1);
  expect(nobody.err).toMatch(/token/i);
  expect(await statusOf()).toMatchObject({ desired: "stopped" });
});

async function sendEvents(events: object[]): Promise<unknown> {
  const ran = await flow(["send", name, "in", "-", "--json"], asFile(events));
  if (ran.code !== 0) throw new Error(ran.err);
  return JSON.parse(ran.out);
}
