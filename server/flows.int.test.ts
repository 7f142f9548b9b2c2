import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { database } from "./database";
import { openStandInWorker, openTestServer, readRefusal, type TestServer } from "./testing";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer("flows");
  await server.as("admin").connections.save({ name: "kafka", kind: "kafka", config: {}, secrets: {} });
});
afterAll(() => server.close());

/** A flow that runs without any broker. */
function drawing(name: string, when = "body.price > 10"): FlowDocument {
  return {
    format: "millrace/flow@1",
    name,
    title: `The ${name}`,
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: name } },
      { id: "dear", kind: "filter", config: { when } },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [
      { from: "hook", to: "dear" },
      { from: "dear.pass", to: "seen" },
    ],
  };
}

async function readDeployment(name: string) {
  return database().prisma.deployment.findFirstOrThrow({ where: { flow: { name } } });
}

describe("drafts", () => {
  it("are saved over the revision they began with, and a stale one loses nothing", async () => {
    const editor = server.as("editor");
    const { name } = await editor.flows.create({ title: "Dear orders" });
    expect(name).toBe("dear-orders");
    const mine = drawing(name, "body.price > 1");
    const theirs = drawing(name, "body.price > 2");
    expect(await editor.flows.save({ name, revision: 1, document: mine })).toEqual({ ok: true, revision: 2 });
    const stale = await server.as("admin").flows.save({ name, revision: 1, document: theirs });
    expect(stale).toMatchObject({
      ok: false,
      conflict: { yours: 1, theirs: 2, theirDraft: { nodes: mine.nodes }, updatedBy: "The editor" },
    });
    expect((await editor.flows.get({ name })).draft?.nodes[1]?.config).toEqual({ when: "body.price > 1" });
    // The same drawing again, as after an answer that was lost, is no conflict.
    expect(await editor.flows.save({ name, revision: 1, document: mine })).toEqual({ ok: true, revision: 2 });
  });

  it("are searched as they stand: texts and no field names, quotes and wildcards as they are, nothing of what is not there", async () => {
    const editor = server.as("editor");
    const { name } = await editor.flows.create({
      title: "Sought",
      document: drawing("sought", 'body.kind == "50%_x"'),
    });
    const find = async (text: string) => {
      const { flows, cut } = await server.as("viewer").flows.search({ text });
      expect(cut).toBe(false);
      return flows.flatMap((flow) => flow.hits.map((hit) => `${flow.name} ${hit.id} ${hit.field}`));
    };
    expect(await find('== "50%_X"')).toEqual([`${name} dear config.when`]);
    expect(await find("50%%")).toEqual([]);
    expect(await find("config")).toEqual([]);
    expect(await find("Sought")).toContain(`${name} ${name} title`);
  });

  it("of several saves at once one wins", async () => {
    const editor = server.as("editor");
    const { name } = await editor.flows.create({ title: "Contended" });
    const results = await Promise.all(
      [1, 2, 3, 4].map((n) => editor.flows.save({ name, revision: 1, document: drawing(name, `body.price > ${n}`) })),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
  });

  it("pushed from a file keep the places of their nodes, and an unchanged file changes nothing", async () => {
    const editor = server.as("editor");
    expect(await editor.flows.push({ document: drawing("pushed") })).toMatchObject({ created: true, revision: 1 });
    const placed = drawing("pushed");
    placed.nodes = placed.nodes.map((node) => ({ ...node, position: { x: 1, y: 2 } }));
    await editor.flows.save({ name: "pushed", revision: 1, document: placed });
    expect(await editor.flows.push({ document: drawing("pushed") })).toMatchObject({ created: false, revision: 2 });
    await editor.flows.push({ document: drawing("pushed", "body.price > 3") });
    expect((await editor.flows.get({ name: "pushed" })).draft?.nodes[0]?.position).toEqual({ x: 1, y: 2 });
  });

  it("made under one name at the same moment are made once, and the others are told so", async () => {
    const editor = server.as("editor");
    const pushes = [1, 2, 3].map((n) => editor.flows.push({ document: drawing("twins", `body.price > ${n}`) }));
    const results = await Promise.allSettled(pushes);
    expect(results.filter((result) => result.status === "fulfilled" && result.value.created)).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected")
        expect(await readRefusal(Promise.reject(result.reason))).toMatchObject({ code: "flow-name-taken" });
    }
  });

  it("of another format, or with unknown fields, are refused by name and change nothing", async () => {
    const editor = server.as("editor");
    const other = await readRefusal(
      editor.flows.push({ document: { ...drawing("pushed"), format: "millrace/flow@9" } }),
    );
    expect(other).toMatchObject({ status: "BAD_REQUEST", code: "file-format" });
    const unknown = await readRefusal(editor.flows.push({ document: { ...drawing("pushed"), speed: 3 } }));
    expect(unknown.code).toBe("file-field-unknown");
    expect(unknown.message).toContain("speed");
  });
});

describe("deployments", () => {
  it("make a version when the drawing differs, roll back, and stop", async () => {
    const operator = server.as("operator");
    const name = "orders";
    await operator.flows.push({ document: drawing(name) });
    const first = await operator.deployments.deploy({ flow: name, begin: { from: "continue" } });
    expect(first).toEqual({ ok: true, version: 1, revision: 1, createdVersion: true });
    expect(await readDeployment(name)).toMatchObject({ start: { from: "kind" }, generation: 1, groupName: name });

    const again = await operator.deployments.deploy({ flow: name, begin: { from: "continue" } });
    expect(again).toEqual({ ok: true, version: 1, revision: 2, createdVersion: false });

    await operator.flows.push({ document: drawing(name, "body.price > 20") });
    expect((await operator.flows.get({ name })).draftDiffers).toBe(true);
    const second = await operator.deployments.deploy({ flow: name, begin: { from: "earliest" }, message: "Dearer" });
    expect(second).toMatchObject({ ok: true, version: 2, revision: 3, createdVersion: true });
    expect(await readDeployment(name)).toMatchObject({ start: { from: "earliest" }, generation: 2, previous: 1 });
    expect((await operator.flows.get({ name })).draftDiffers).toBe(false);

    expect(await operator.deployments.rollback({ flow: name })).toMatchObject({ ok: true, version: 1, revision: 4 });
    expect(await readDeployment(name)).toMatchObject({ previous: 2, generation: 2 });
    expect(await operator.deployments.stop({ flow: name })).toEqual({ revision: 5, sagas: 0 });
    expect(await operator.deployments.stop({ flow: name })).toEqual({ revision: 5, sagas: 0 });

    expect(await operator.deployments.start({ flow: name })).toMatchObject({ ok: true, version: 1, revision: 6 });
    // It goes on where it stood: the sources are the same, and so is the version to go back to.
    expect(await readDeployment(name)).toMatchObject({ desired: "running", previous: 2, generation: 2 });
    expect((await readRefusal(operator.deployments.start({ flow: name }))).code).toBe("flow-running");

    const versions = await operator.versions.list({ flow: name });
    expect(versions.map(({ number, message, author }) => ({ number, message, author }))).toEqual([
      { number: 2, message: "Dearer", author: "The operator" },
      { number: 1, message: "", author: "The operator" },
    ]);
    expect((await operator.deployments.history({ flow: name })).map((event) => event.action)).toEqual([
      "start",
      "stop",
      "rollback",
      "deploy",
      "deploy",
      "deploy",
    ]);
    expect((await operator.versions.get({ flow: name, number: 1 })).document.nodes[1]?.config).toEqual({
      when: "body.price > 10",
    });
  });

  it("are refused with the problems when the drawing has errors, and nothing changes", async () => {
    const operator = server.as("operator");
    await operator.flows.push({ document: drawing("wrong", "body.price >") });
    const result = await operator.deployments.deploy({ flow: "wrong", begin: { from: "continue" } });
    expect(result).toMatchObject({ ok: false, problems: [{ code: "expression-syntax", node: "dear", field: "when" }] });
    expect(await operator.versions.list({ flow: "wrong" })).toEqual([]);
  });

  it("refuse a draft that somebody saved after it was looked at", async () => {
    const operator = server.as("operator");
    await operator.flows.push({ document: drawing("stale") });
    await operator.flows.push({ document: drawing("stale", "body.price > 2") });
    const call = operator.deployments.deploy({ flow: "stale", revision: 1, begin: { from: "continue" } });
    expect(await readRefusal(call)).toMatchObject({ status: "CONFLICT", code: "draft-stale" });
  });

  it("keep the group name through a rename, and never share it with a new flow of the old name", async () => {
    const operator = server.as("operator");
    await operator.flows.push({ document: drawing("elder") });
    await operator.deployments.deploy({ flow: "elder", begin: { from: "continue" } });
    await operator.flows.rename({ name: "elder", title: "Younger", newName: "younger" });
    expect(await readDeployment("younger")).toMatchObject({ groupName: "elder" });
    expect((await operator.flows.get({ name: "younger" })).draftDiffers).toBe(false);
    const heir = { ...drawing("elder"), nodes: drawing("heir").nodes };
    await operator.flows.push({ document: heir });
    await operator.deployments.deploy({ flow: "elder", begin: { from: "continue" } });
    expect(await readDeployment("elder")).toMatchObject({ groupName: "elder-2" });
  });

  it("refuse a webhook that another running flow serves", async () => {
    const operator = server.as("operator");
    await operator.flows.push({ document: { ...drawing("elder"), name: "twin", nodes: drawing("heir").nodes } });
    const result = await operator.deployments.deploy({ flow: "twin", begin: { from: "continue" } });
    expect(result).toMatchObject({ ok: false, problems: [{ code: "path-duplicate", node: "hook" }] });
  });

  it("are not deleted while they run", async () => {
    const operator = server.as("operator");
    expect(await readRefusal(operator.flows.remove({ name: "younger" }))).toMatchObject({ code: "flow-running" });
    await operator.deployments.stop({ flow: "younger" });
    await operator.flows.remove({ name: "younger" });
    expect(await readRefusal(operator.flows.get({ name: "younger" }))).toMatchObject({ status: "NOT_FOUND" });
  });
});

describe("topics", () => {
  const document: FlowDocument = {
    format: "millrace/flow@1",
    name: "topics",
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: "orders" } },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [{ from: "in", to: "seen" }],
  };

  it("are not looked up without a worker, which does not hinder deploying", async () => {
    const checked = await server.as("viewer").flows.check({ document });
    expect(checked.brokersUnchecked).toBe(true);
    expect(checked.problems.filter((problem) => problem.severity === "error")).toEqual([]);
    expect(await readRefusal(server.as("viewer").connections.places({ name: "kafka" }))).toMatchObject({
      code: "worker-missing",
    });
  });

  it("that are missing keep a flow from deploying, and are made when asked for", async () => {
    const topics: string[] = [];
    const worker = await openStandInWorker((path, body) => {
      const question = JSON.parse(body.toString()) as { name: string };
      if (path === "/ask/place-create") topics.push(question.name);
      const places = topics.map((name) => ({ name, type: "topic", partitions: 4 }));
      const created = { created: true, place: places.at(-1) };
      return { json: { ok: true, answer: path === "/ask/place-create" ? created : { places } } };
    });
    const operator = server.as("operator");
    await operator.flows.push({ document });
    const refused = await operator.deployments.deploy({ flow: "topics", begin: { from: "continue" } });
    expect(refused).toMatchObject({
      ok: false,
      problems: [{ code: "topic-missing", node: "in", fix: { do: "create-place", type: "topic", name: "orders" } }],
    });
    const done = await operator.deployments.deploy({ flow: "topics", begin: { from: "latest" }, createMissing: true });
    expect(done).toMatchObject({ ok: true, version: 1 });
    expect(topics).toEqual(["orders"]);
    await worker.close();
  });

  it("are told with what they keep, in the guarantee of the draft and of what is deployed", async () => {
    const keeps = { brokers: 3, replication: 3, retentionMs: 3_600_000 };
    const worker = await openStandInWorker(() => ({
      json: { ok: true, answer: { places: [{ name: "orders", type: "topic", partitions: 4, keeps }] } },
    }));
    const operator = server.as("operator");
    const { semantics, facts } = await operator.flows.check({ document });
    expect(facts).toEqual({ kafka: { kind: "kafka", places: { topic: { orders: keeps } } } });
    const told = { node: "in", weakens: "durability", text: expect.stringContaining("for 1 h") };
    expect(semantics?.weakenings).toMatchObject([told]);
    await operator.flows.push({ document: { ...document, name: "kept" } });
    expect(await operator.deployments.guarantee({ flow: "kept" })).toBeNull();
    await operator.deployments.deploy({ flow: "kept", begin: { from: "continue" } });
    expect(await server.as("viewer").deployments.guarantee({ flow: "kept" })).toMatchObject({
      summary: "At least once · ordered by partition",
      weakenings: [told],
    });
    await operator.deployments.stop({ flow: "kept" });
    await worker.close();
  });

  it("of a broker that is away are a warning", async () => {
    const worker = await openStandInWorker(() => ({
      json: { ok: false, cause: { code: "broker-unreachable", message: "Nobody answers at 127.0.0.1:1." } },
    }));
    const operator = server.as("operator");
    const checked = await operator.flows.check({ document });
    expect(checked.problems).toMatchObject([{ code: "broker-unreachable", severity: "warning", node: "in" }]);
    expect(await operator.deployments.deploy({ flow: "topics", begin: { from: "continue" } })).toMatchObject({
      ok: true,
    });
    await worker.close();
  });
});

describe("a set of flows", () => {
  const readDraft = async (name: string) => (await server.as("viewer").flows.get({ name })).draft;

  it("is applied as a whole, over the revisions that were seen", async () => {
    const editor = server.as("editor");
    await editor.flows.push({ document: drawing("set-a") });
    await editor.flows.push({ document: drawing("set-old") });
    const result = await editor.flows.applyAll({
      set: [
        { document: drawing("set-a", "body.price > 2"), revision: 1 },
        { document: drawing("set-b"), revision: null },
      ],
      remove: [{ name: "set-old", revision: 1 }],
    });
    expect(result).toEqual({
      saved: [
        { name: "set-a", created: false, revision: 2 },
        { name: "set-b", created: true, revision: 1 },
      ],
      removed: [{ name: "set-old", stopped: false }],
    });
    expect((await readRefusal(editor.flows.get({ name: "set-old" }))).code).toBe("flow-missing");
  });

  it("changes nothing when one draft is another by now, and names it", async () => {
    const editor = server.as("editor");
    const refused = await readRefusal(
      editor.flows.applyAll({
        set: [
          { document: drawing("set-b", "body.price > 5"), revision: 1 },
          { document: drawing("set-a", "body.price > 5"), revision: 1 },
          { document: drawing("set-c"), revision: null },
        ],
        remove: [],
      }),
    );
    expect(refused).toMatchObject({ status: "CONFLICT", code: "draft-stale" });
    expect(refused.message).toContain("“set-a” was saved meanwhile");
    expect((await readDraft("set-b"))?.nodes[1]?.config).toEqual({ when: "body.price > 10" });
    expect((await readRefusal(editor.flows.get({ name: "set-c" }))).code).toBe("flow-missing");
  });

  it("deletes a running flow only when it may be stopped, by somebody who may stop it", async () => {
    const operator = server.as("operator");
    await operator.deployments.deploy({ flow: "set-b", begin: { from: "continue" } });
    const remove = [{ name: "set-b", revision: 1 }];
    const set = [{ document: drawing("set-a", "body.price > 9"), revision: 2 }];
    expect((await readRefusal(operator.flows.applyAll({ set, remove }))).code).toBe("flow-running");
    expect((await readDraft("set-a"))?.nodes[1]?.config).toEqual({ when: "body.price > 2" });
    const stopping = [{ name: "set-b", revision: 1, stop: true }];
    expect((await readRefusal(server.as("editor").flows.applyAll({ set, remove: stopping }))).code).toBe(
      "role-too-small",
    );
    expect((await operator.flows.applyAll({ set, remove: stopping })).removed).toEqual([
      { name: "set-b", stopped: true },
    ]);
  });
});

describe("versions", () => {
  it("have names that people give them, and say when they were deployed", async () => {
    const operator = server.as("operator");
    await operator.flows.push({ document: drawing("named") });
    await operator.deployments.deploy({ flow: "named", begin: { from: "continue" } });
    await server.as("editor").versions.name({ flow: "named", number: 1, name: " Before the sale " });
    await operator.deployments.stop({ flow: "named" });
    const [version] = await server.as("viewer").versions.list({ flow: "named" });
    expect(version).toMatchObject({ number: 1, name: "Before the sale", running: false });
    expect(version?.deployed).toEqual([{ from: expect.any(Date), to: expect.any(Date) }]);
    const audit = await database().prisma.auditEntry.findFirst({ where: { action: "version.name", object: "named" } });
    expect(audit?.detail).toEqual({ version: 1, name: "Before the sale" });
    const missing = server.as("editor").versions.name({ flow: "named", number: 9, name: "x" });
    expect((await readRefusal(missing)).code).toBe("version-missing");
  });
});

describe("a source that names its group", () => {
  it("is not deployed to begin anew, which its broker would not do", async () => {
    const operator = server.as("operator");
    const config = { connection: "kafka", topic: "orders", groupId: "billing" };
    const source = { id: "in", kind: "kafka-source", config };
    const { nodes, edges, ...rest } = drawing("named-group");
    const document = { ...rest, nodes: [...nodes, source], edges: [...edges, { from: "in", to: "dear" }] };
    await operator.flows.push({ document });
    const { prisma } = database();
    const { id: flowId } = await prisma.flow.findFirstOrThrow({ where: { name: "named-group" } });
    await prisma.flowVersion.create({ data: { flowId, number: 1, document: document as object, hash: "h" } });
    const deployed = { version: 1, desired: "stopped", groupName: "named-group", start: {} };
    await prisma.deployment.create({ data: { flowId, ...deployed } });
    const worker = await openStandInWorker(() => ({
      json: { ok: true, answer: { places: [{ name: "orders", type: "topic" }] } },
    }));
    try {
      const deploy = (from: "earliest" | "continue") =>
        operator.deployments.deploy({ flow: "named-group", version: 1, begin: { from } });
      expect(await deploy("earliest")).toMatchObject({
        ok: false,
        problems: [{ code: "begin-group-named", node: "in", field: "groupId" }],
      });
      expect(await deploy("continue")).toMatchObject({ ok: true });
    } finally {
      await worker.close();
    }
  });
});

describe("what waits at the sources of a flow", () => {
  it("is asked of their brokers by the names that they know the flow by", async () => {
    const operator = server.as("operator");
    const source = {
      id: "in",
      kind: "kafka-source",
      title: "Orders",
      config: { connection: "kafka", topic: "orders" },
    };
    const { nodes, edges } = drawing("waits");
    const document = { ...drawing("waits"), nodes: [...nodes, source], edges: [...edges, { from: "in", to: "dear" }] };
    await operator.flows.push({ document });
    expect(await operator.deployments.waiting({ flow: "waits" })).toEqual([]);
    const { prisma } = database();
    const { id: flowId } = await prisma.flow.findFirstOrThrow({ where: { name: "waits" } });
    await prisma.flowVersion.create({ data: { flowId, number: 1, document: document as object, hash: "h" } });
    const deployed = { version: 1, desired: "stopped", groupName: "first-name", generation: 2, start: {} };
    await prisma.deployment.create({ data: { flowId, ...deployed } });
    const worker = await openStandInWorker((path) => ({
      json: path.endsWith("source-waiting") ? { ok: true, answer: { messages: 1_204 } } : {},
    }));
    try {
      const told = { node: "in", title: "Orders", place: "orders" };
      expect(await operator.deployments.waiting({ flow: "waits" })).toEqual([{ ...told, messages: 1_204 }]);
      const asked = worker.asked.find(({ path }) => path.endsWith("source-waiting"))!;
      expect(JSON.parse(asked.body.toString())).toMatchObject({
        place: "orders",
        group: "millrace.default.first-name.in.g2",
      });
      const config = { connection: "pulsar", topic: "orders", subscription: "billing" };
      const named = { ...document, nodes: [...nodes, { ...source, kind: "pulsar-source", config }] };
      await prisma.flowVersion.updateMany({ where: { flowId }, data: { document: named as object } });
      await operator.deployments.waiting({ flow: "waits" });
      const last = worker.asked.findLast(({ path }) => path.endsWith("source-waiting"))!;
      expect(JSON.parse(last.body.toString())).toMatchObject({ place: "orders", group: "billing" });
      await worker.close();
      expect(await operator.deployments.waiting({ flow: "waits" })).toEqual([{ ...told, messages: null }]);
    } finally {
      await worker.close().catch(() => {});
    }
  });
});

describe("flows that the same messages pass through", () => {
  it("are told by the places that both name, with what they mask", async () => {
    const editor = server.as("editor");
    const over = (name: string, topic: string, role: "source" | "sink", settings = {}): FlowDocument => ({
      ...drawing(name),
      settings,
      nodes: [...drawing(name).nodes, { id: "broker", kind: `kafka-${role}`, config: { connection: "kafka", topic } }],
    });
    const masked = [{ path: "body.price", below: "operator" as const }];
    await editor.flows.push({ document: over("reads-it", "shared-orders", "source", { masked }) });
    await editor.flows.push({ document: over("writes-it", "shared-orders", "sink") });
    await editor.flows.push({ document: over("elsewhere", "other-orders", "sink") });
    expect(await server.as("viewer").flows.neighbours({ name: "reads-it" })).toEqual([
      { flow: "writes-it", title: "The writes-it", places: ["shared-orders"], masked: [] },
    ]);
    expect(await editor.flows.neighbours({ name: "writes-it" })).toMatchObject([{ flow: "reads-it", masked }]);
  });
});
