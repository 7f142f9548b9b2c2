import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";

let server: TestServer;
let flowId: string;
beforeAll(async () => {
  server = await openTestServer("dead");
  const document = {
    format: "millrace/flow@1",
    name: "orders",
    title: "Orders of the shop",
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: "orders" } },
      { id: "call", title: "Ask the shop", kind: "http-request", config: { connection: "http", url: "/a" } },
    ],
    edges: [{ from: "hook", to: "call" }],
  };
  await server.as("admin").flows.push({ document });
  flowId = (await database().prisma.flow.findFirstOrThrow()).id;
  await database().prisma.flowVersion.create({ data: { flowId, number: 1, document, hash: "" } });
});
afterAll(() => server.close());

async function putLetter(position: string, body: string, more: object = {}): Promise<string> {
  const letter = await database().prisma.deadLetter.create({
    data: {
      flowId,
      flow: "orders",
      version: 1,
      node: "call",
      source: "hook",
      lane: "orders",
      position,
      causeCode: "http-status",
      causeMessage: "The endpoint answered 422.",
      fingerprint: "f-422",
      key: Buffer.from("k"),
      value: Buffer.from(body),
      headers: [["a", Buffer.from("b").toString("base64")]],
      codec: "json",
      timestamp: new Date(),
      attempts: 1,
      ...more,
    },
  });
  return letter.id;
}

const readLetter = (id: string) => database().prisma.deadLetter.findUniqueOrThrow({ where: { id } });
const textOf = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

beforeEach(async () => {
  await database().prisma.deadLetter.deleteMany();
  await database().prisma.redrive.deleteMany();
});

describe("dead letters", () => {
  it("are listed in pages, counted, and grouped by cause", async () => {
    const at = new Date();
    for (const position of ["1", "2", "3"]) await putLetter(position, "{}", { createdAt: at });
    await putLetter("4", "{", { causeCode: "codec-decode", causeMessage: "Not JSON.", fingerprint: "f-json" });
    const viewer = server.as("viewer");
    const first = await viewer.deadLetters.list({ flow: "orders", fingerprint: "f-422", limit: 2 });
    expect(first).toMatchObject({ more: true, total: 3 });
    const last = first.items.at(-1)!;
    const page = { flow: "orders", fingerprint: "f-422", limit: 2, before: last.createdAt, beforeId: last.id };
    const second = await viewer.deadLetters.list(page);
    expect(second).toMatchObject({ more: false, total: 3 });
    expect(new Set([...first.items, ...second.items].map((item) => item.position))).toEqual(new Set(["1", "2", "3"]));
    const groups = await viewer.deadLetters.groups({});
    expect(groups.map(({ causeCode, count, flow }) => ({ causeCode, count, flow }))).toEqual([
      { causeCode: "http-status", count: 3, flow: "orders" },
      { causeCode: "codec-decode", count: 1, flow: "orders" },
    ]);
  });

  it("tell by cause how many came in each of the last 24 hours", async () => {
    const ago = (minutes: number) => ({ createdAt: new Date(Date.now() - minutes * 60_000) });
    await putLetter("1", "{}");
    await putLetter("2", "{}", ago(30));
    await putLetter("3", "{}", ago(90));
    await putLetter("4", "{}", ago(60 * 30));
    const [group] = await server.as("viewer").deadLetters.groups({});
    expect(group).toMatchObject({ count: 4 });
    expect(group!.trend).toHaveLength(24);
    expect(group!.trend.slice(-3)).toEqual([0, 1, 2]);
    expect(group!.trend.reduce((sum, count) => sum + count)).toBe(3);
  });

  it("stay in their group while they are sent again, which tells how many failed on which version", async () => {
    await putLetter("1", "{}");
    await putLetter("2", "{}", { state: "queued" });
    await putLetter("3", "{}", { state: "sending", version: 2 });
    await putLetter("4", "{}", { state: "sent" });
    const viewer = server.as("viewer");
    expect(await viewer.deadLetters.groups({})).toMatchObject([
      {
        count: 1,
        onTheWay: 2,
        versions: [
          { version: 2, count: 1 },
          { version: 1, count: 2 },
        ],
        nodeTitle: "Ask the shop",
      },
    ]);
    const { items } = await viewer.deadLetters.list({ state: "open" });
    expect(new Set(items.map(({ position }) => position))).toEqual(new Set(["1", "2", "3"]));
    expect((await viewer.flows.list()).map(({ deadLetters }) => deadLetters)).toEqual([3]);
  });

  it("are found by key, words of the cause, version and time, and are called as the drawing calls them", async () => {
    await putLetter("1", "{}", { key: Buffer.from("4711") });
    await putLetter("2", "{}", { causeMessage: "It answered 503.", version: 2 });
    await putLetter("3", "{}", { failedAt: new Date(Date.now() - 3 * 3_600_000) });
    const find = async (filter: object) =>
      (await server.as("viewer").deadLetters.list(filter)).items.map(({ position }) => position).sort();
    expect(await find({ text: "4711" })).toEqual(["1"]);
    expect(await find({ text: "ANSWERED 503" })).toEqual(["2"]);
    expect(await find({ text: "471" })).toEqual([]);
    expect(await find({ version: 2 })).toEqual(["2"]);
    expect(await find({ hours: 2 })).toEqual(["1", "2"]);
    const { items } = await server.as("viewer").deadLetters.list({ text: "4711" });
    expect(items).toMatchObject([{ node: "call", nodeTitle: "Ask the shop", flowTitle: "Orders of the shop" }]);
  });

  it("tell who sent them again, as what, and the runs that came of it", async () => {
    const id = await putLetter("1", '{"id":1}');
    const edit = { value: '{"id":2}', encoding: "text" as const };
    const { redrives } = await server.as("operator").deadLetters.redrive({ ids: [id], target: "node", edit });
    const runId = "0192f3a0-0000-7000-8000-00000000a001";
    await database().prisma.run.create({
      data: {
        id: runId,
        startedAt: new Date(),
        flowId,
        flow: "orders",
        version: 1,
        workerId: "w",
        traceId: "0".repeat(32),
        spanId: "0".repeat(16),
        source: "hook",
        lane: "redrive",
        position: id,
        state: "done",
        durationMs: 1,
        attempts: 1,
        detail: Buffer.from(""),
      },
    });
    expect(await server.as("viewer").deadLetters.get({ id })).toMatchObject({
      sent: { by: "operator@example.com", target: "node", edited: true },
      sentRuns: [{ id: runId, state: "done", version: 1 }],
    });
    const { items } = await server.as("viewer").deadLetters.list({ redrive: redrives[0]!.id });
    expect(items.map((item) => item.id)).toEqual([id]);
  });

  it("are counted by flow and state", async () => {
    await putLetter("1", "{}");
    await putLetter("2", "{}", { state: "queued" });
    await putLetter("3", "{}", { state: "queued" });
    const counts = await server.as("viewer").deadLetters.counts({ flow: "orders" });
    expect(counts.toSorted((left, right) => left.count - right.count)).toEqual([
      { flow: "orders", state: "waiting", count: 1 },
      { flow: "orders", state: "queued", count: 2 },
    ]);
  });

  it("are shown whole: text as text, other bytes as base64", async () => {
    const id = await putLetter("1", '{"id":1}');
    expect(await server.as("viewer").deadLetters.get({ id })).toMatchObject({
      key: "k",
      value: '{"id":1}',
      encoding: "text",
      headers: [["a", "b"]],
    });
    const bytes = await putLetter("2", "", { value: Buffer.from([0xff, 0x00]) });
    expect(await server.as("viewer").deadLetters.get({ id: bytes })).toMatchObject({
      value: "/wA=",
      encoding: "base64",
    });
  });
});

describe("a letter of fifty megabytes", () => {
  it("is shown by its beginning, which ends at a character, and is had whole by an export", async () => {
    const body = `"${"ä".repeat(25_000_000)}"`;
    const id = await putLetter("1", "");
    // Made where it is kept: on its way there it would take longer than all else.
    await database().prisma.$executeRaw`
      UPDATE "DeadLetter" SET value = convert_to('"' || repeat('ä', 25000000) || '"', 'UTF8') WHERE id = ${id}`;
    await putLetter("2", "{}");
    const { value, ...shown } = await server.as("viewer").deadLetters.get({ id });
    expect(shown).toMatchObject({ truncated: true, encoding: "text", bytes: 50_000_002 });
    expect(Buffer.byteLength(value!)).toBeLessThanOrEqual(1_000_000);
    expect(body.startsWith(value!)).toBe(true);
    const { letters, next } = await server.as("viewer").deadLetters.export({ id });
    expect([letters.map((letter) => letter.value === body), next]).toEqual([[true], null]);
  });

  it("is shown by its beginning where its bytes are no text", async () => {
    const id = await putLetter("1", "", { value: Buffer.alloc(3_000_000, 0xff) });
    const letter = await server.as("viewer").deadLetters.get({ id });
    expect(letter).toMatchObject({ truncated: true, encoding: "base64", bytes: 3_000_000 });
    expect(Buffer.from(letter.value!, "base64")).toHaveLength(1_000_000);
  });
});

describe("an export", () => {
  it("gives each whole, page by page, also bytes that are no text", async () => {
    const at = new Date();
    for (let position = 0; position < 230; position++) await putLetter(String(position), "{}", { createdAt: at });
    await putLetter("bytes", "", {
      value: Buffer.from([0xff, 0x00]),
      key: null,
      createdAt: new Date(at.getTime() + 1),
    });
    const viewer = server.as("viewer");
    const lines: { position: string; value: string | null; encoding?: string }[] = [];
    let next: object | null = {};
    let pages = 0;
    for (; next; pages++) {
      const page: Awaited<ReturnType<typeof viewer.deadLetters.export>> = await viewer.deadLetters.export({
        flow: "orders",
        ...next,
      });
      lines.push(...page.letters);
      next = page.next;
    }
    expect(pages).toBeGreaterThan(1);
    expect(new Set(lines.map(({ position }) => position)).size).toBe(231);
    expect(lines[0]).toMatchObject({ position: "bytes", value: "/wA=", encoding: "base64", key: null });
    expect(lines[1]).toMatchObject({ value: "{}", key: "k", headers: [["a", "b"]], cause: { code: "http-status" } });
    expect(lines[1]).not.toHaveProperty("encoding");
    const { items } = await server.as("operator").audit.list({ action: "dead-letter.export", object: "orders" });
    expect(items).toMatchObject([{ actor: "viewer@example.com", object: "orders" }]);
  });

  it("ends a page early where letters are large, and loses none", async () => {
    for (let position = 0; position < 45; position++) await putLetter(String(position), "x".repeat(300_000));
    const viewer = server.as("viewer");
    const sizes: number[] = [];
    for (let next: object | null = {}; next; ) {
      const page: Awaited<ReturnType<typeof viewer.deadLetters.export>> = await viewer.deadLetters.export({ ...next });
      sizes.push(page.letters.length);
      next = page.next;
    }
    expect(sizes).toEqual([20, 20, 5]);
  });
});

describe("discarding", () => {
  it("takes those of a cause where a condition holds, with the reason, and leaves the others", async () => {
    await putLetter("1", '{"test":true}');
    await putLetter("2", '{"test":false}');
    await putLetter("3", "{}");
    await putLetter("4", '{"test":true}', { causeCode: "codec-decode", fingerprint: "f-json" });
    const done = await server.as("operator").deadLetters.discard({
      flow: "orders",
      fingerprint: "f-422",
      where: "body.test",
      reason: "test orders",
    });
    expect(done).toEqual({ discarded: 1, skipped: 1 });
    const rows = await database().prisma.deadLetter.findMany({ orderBy: { position: "asc" } });
    expect(rows.map(({ state, reason }) => [state, reason])).toEqual([
      ["discarded", "test orders"],
      ["waiting", null],
      ["waiting", null],
      ["waiting", null],
    ]);
  });

  it("is taken back: by id, or all of a cause, to wait as before", async () => {
    const [one, two, sent] = [await putLetter("1", "{}"), await putLetter("2", "{}"), await putLetter("3", "{}")];
    await database().prisma.deadLetter.update({ where: { id: sent }, data: { state: "sent" } });
    const operator = server.as("operator");
    await operator.deadLetters.discard({ ids: [one, two], reason: "a mistake" });
    expect(await operator.deadLetters.takeBack({ ids: [one, sent] })).toEqual({ waiting: 1 });
    expect(await readLetter(one)).toMatchObject({ state: "waiting", reason: null });
    expect(await operator.deadLetters.takeBack({ flow: "orders", cause: "codec-decode" })).toEqual({ waiting: 0 });
    expect(await operator.deadLetters.takeBack({ flow: "orders", cause: "http-status" })).toEqual({ waiting: 1 });
    expect(await readLetter(sent)).toMatchObject({ state: "sent" });
  });

  it("refuses when it is not said which", async () => {
    const refused = readRefusal(server.as("operator").deadLetters.discard({ reason: "all" }));
    expect(await refused).toMatchObject({ status: "BAD_REQUEST" });
  });
});

describe("sending again", () => {
  it("queues what waits, once, by cause", async () => {
    const ours = await putLetter("1", "{}");
    const other = await putLetter("2", "{", { causeCode: "codec-decode", fingerprint: "f-json" });
    const operator = server.as("operator");
    const asked = await operator.deadLetters.redrive({ flow: "orders", cause: "http-status", target: "node", rate: 5 });
    expect(asked).toMatchObject({
      queued: 1,
      redrives: [{ flow: "orders", state: "running", asked: 1, left: 1, sent: 0, rate: 5, by: "operator@example.com" }],
    });
    expect(await readLetter(ours)).toMatchObject({ state: "queued", target: "node", redriveId: asked.redrives[0]!.id });
    expect(await readLetter(other)).toMatchObject({ state: "waiting" });
    expect(await operator.deadLetters.redrive({ ids: [ours], target: "source" })).toMatchObject({ queued: 0 });
  });

  it("edits one by hand beside what is kept, which stays as it was", async () => {
    const operator = server.as("operator");
    const [toNode, toSource] = [await putLetter("1", '{"id":1}'), await putLetter("2", '{"id":2}')];
    const edit = { value: '{"id":9}', encoding: "text" as const };
    await operator.deadLetters.redrive({ ids: [toNode], target: "node", edit });
    const first = await readLetter(toNode);
    expect([textOf(first.value), textOf(first.editedValue), first.editedFor]).toEqual(['{"id":1}', '{"id":9}', "node"]);
    expect(await server.as("viewer").deadLetters.get({ id: toNode })).toMatchObject({
      value: '{"id":1}',
      edited: { value: '{"id":9}', encoding: "text", target: "node" },
    });
    await operator.deadLetters.redrive({ ids: [toSource], target: "source", edit });
    const sent = await readLetter(toSource);
    expect([textOf(sent.value), textOf(sent.editedValue), sent.editedFor]).toEqual(['{"id":2}', '{"id":9}', "source"]);
    expect([sent.sourceValue, sent.sourceHeaders]).toEqual([null, null]);
  });

  it("sends key and headers as they were written; what stands there as it was shown keeps its bytes", async () => {
    const operator = server.as("operator");
    const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64");
    const raw = base64(new Uint8Array([0, 255]));
    const headers = [
      ["raw", raw],
      ["shop", base64("nroth")],
    ];
    const id = await putLetter("1", "{}", { key: Buffer.from([1, 254]), headers });
    const shown = await operator.deadLetters.get({ id });
    expect([shown.key, shown.headers, shown.original]).toEqual([
      base64(new Uint8Array([1, 254])),
      [
        ["raw", raw],
        ["shop", "nroth"],
      ],
      null,
    ]);
    const edit = {
      value: "{}",
      encoding: "text" as const,
      headers: [
        ["shop", "north"],
        ["raw", raw],
      ] as [string, string][],
    };
    await operator.deadLetters.redrive({ ids: [id], target: "node", edit });
    const row = await readLetter(id);
    expect([row.headers, row.editedHeaders]).toEqual([
      headers,
      [
        ["shop", base64("north")],
        ["raw", raw],
      ],
    ]);
    expect(Buffer.from(row.editedKey!)).toEqual(Buffer.from([1, 254]));
    expect((await operator.deadLetters.get({ id })).edited).toMatchObject({ headers: edit.headers, key: shown.key });
    const nameless = { ...edit, headers: [["", "x"]] as [string, string][] };
    const refused = readRefusal(operator.deadLetters.redrive({ ids: [id], target: "node", edit: nameless }));
    expect(await refused).toMatchObject({ status: "BAD_REQUEST" });
  });

  it("chooses by a condition over message, cause and node; one that it fails on is not chosen, and told", async () => {
    const wanted = await putLetter("1", '{"total":30}', { attempts: 3 });
    await putLetter("2", '{"total":5}', { attempts: 3 });
    await putLetter("3", '{"total":"many"}', { attempts: 3 });
    await putLetter("4", '{"total":30}', { attempts: 3, causeCode: "codec-decode" });
    const input = {
      flow: "orders",
      where: "cause.code == 'http-status' && node == 'call' && version == 1 && attempts > 2 && body.total > 10",
      target: "node" as const,
    };
    const operator = server.as("operator");
    const preview = await operator.deadLetters.preview(input);
    expect(preview).toMatchObject({ matched: 1, looked: 4, complete: true, skipped: 1, editFails: 0 });
    expect(preview.sample.map(({ id, before, after }) => [id, before, after])).toEqual([
      [wanted, '{"total":30}', null],
    ]);
    expect(preview.repeat).toEqual([expect.stringContaining("“Ask the shop”")]);
    expect(preview.skippedWords).not.toContain("many");
    expect((await readLetter(wanted)).state).toBe("waiting");
    const { redrives } = await operator.deadLetters.redrive(input);
    expect(redrives).toMatchObject([{ asked: 1, skipped: 1, skippedWords: preview.skippedWords, where: input.where }]);
    expect((await readLetter(wanted)).state).toBe("queued");
  });

  it("shows before and after an edit over each, and leaves it to the worker that sends", async () => {
    const ids = [await putLetter("1", '{"id":1,"quantity":3}'), await putLetter("2", '{"id":2,"quantity":4}')];
    const operator = server.as("operator");
    const edit = { cel: '{"id": body.id, "quantity": body.quantity * attempts}' };
    const { sample } = await operator.deadLetters.preview({ flow: "orders", target: "node", edit });
    expect(sample.map(({ before, after }) => [before, after])).toEqual([
      ['{"id":1,"quantity":3}', '{"id":1,"quantity":3}'],
      ['{"id":2,"quantity":4}', '{"id":2,"quantity":4}'],
    ]);
    const { redrives } = await operator.deadLetters.redrive({ flow: "orders", target: "node", edit });
    expect(redrives).toMatchObject([{ asked: 2, edit: edit.cel }]);
    expect((await readLetter(ids[0]!)).editedFor).toBeNull();
  });

  it("sets fields, keeps the others, and names the field that it fails on", async () => {
    await putLetter("1", '{"id":9007199254740993,"price":"12,5"}');
    const operator = server.as("operator");
    const edit = { set: { price: "double(body.price.replace(',', '.'))" } };
    const { sample } = await operator.deadLetters.preview({ flow: "orders", target: "node", edit });
    expect(sample.map(({ after }) => after)).toEqual(['{"id":9007199254740993,"price":12.5}']);
    const broken = { set: { price: "double(body.id.none)" } };
    const preview = await operator.deadLetters.preview({ flow: "orders", target: "node", edit: broken });
    expect([preview.editFails, preview.editWords]).toEqual([1, expect.stringMatching(/^`price`: /)]);
    const unread = operator.deadLetters.redrive({
      flow: "orders",
      target: "node",
      edit: { set: { price: "double(" } },
    });
    expect(await readRefusal(unread)).toMatchObject({ code: "expression-syntax" });
    const { redrives } = await operator.deadLetters.redrive({ flow: "orders", target: "node", edit });
    expect(redrives).toMatchObject([{ asked: 1, edit: `set ${JSON.stringify(edit.set)}` }]);
  });

  it("takes each letter for one of several people who ask for it at once", async () => {
    for (let position = 0; position < 30; position++) await putLetter(String(position), "{}");
    const ask = () => server.as("operator").deadLetters.redrive({ flow: "orders", target: "node" });
    const asked = await Promise.all([ask(), ask(), ask()]);
    expect(asked.reduce((sum, { queued }) => sum + queued, 0)).toBe(30);
  });

  it("goes through thousands in pages", async () => {
    const row = await readLetter(await putLetter("0", '{"n":0}'));
    const { id: _id, updatedAt: _updatedAt, ...rest } = row;
    const data = Array.from({ length: 2_500 }, (_, n) => ({
      ...rest,
      headers: [],
      causes: undefined,
      sourceHeaders: undefined,
      editedHeaders: undefined,
      position: `m${n}`,
      value: Buffer.from(`{"n":${n}}`),
    }));
    await database().prisma.deadLetter.createMany({ data });
    const where = "int(body.n) % 2 == 1";
    const operator = server.as("operator");
    expect(await operator.deadLetters.preview({ flow: "orders", where, target: "node" })).toMatchObject({
      matched: 1_250,
      looked: 2_501,
    });
    expect(await operator.deadLetters.redrive({ flow: "orders", where, target: "node" })).toMatchObject({
      queued: 1_250,
    });
    expect(await operator.deadLetters.redrive({ flow: "orders", target: "node" })).toMatchObject({ queued: 1_251 });
  });

  it("pauses by itself after so many failed, and resumed after as many more", async () => {
    const operator = server.as("operator");
    const ids = [await putLetter("1", "{}")];
    const { redrives } = await operator.deadLetters.redrive({ ids, target: "node", pauseAfter: 2 });
    const { id } = redrives[0]!;
    const read = () => database().prisma.redrive.findUniqueOrThrow({ where: { id } });
    expect(await read()).toMatchObject({ pauseAfter: 2, pauseAt: 2 });
    // As a worker leaves it.
    await database().prisma.redrive.update({
      where: { id },
      data: { state: "paused", failedAgain: 2, reason: "2 failed again, so it was paused." },
    });
    expect(await operator.redrives.resume({ id })).toMatchObject({ state: "running", reason: null, pauseAfter: 2 });
    expect(await read()).toMatchObject({ pauseAt: 4 });
    await operator.redrives.stop({ id });
  });

  it("is paused, goes on, and is stopped: what was not sent waits again", async () => {
    const [ours, theirs] = [await putLetter("1", "{}"), await putLetter("2", "{}")];
    const operator = server.as("operator");
    const { redrives } = await operator.deadLetters.redrive({ ids: [ours], target: "node" });
    await operator.deadLetters.redrive({ ids: [theirs], target: "node" });
    const { id } = redrives[0]!;
    expect((await operator.redrives.pause({ id })).state).toBe("paused");
    expect((await operator.redrives.resume({ id })).state).toBe("running");
    expect(await readRefusal(server.as("viewer").redrives.stop({ id }))).toMatchObject({ status: "FORBIDDEN" });
    expect(await operator.redrives.stop({ id })).toMatchObject({ state: "stopped", left: 0 });
    expect((await readLetter(ours)).state).toBe("waiting");
    expect((await readLetter(theirs)).state).toBe("queued");
    expect(await readRefusal(operator.redrives.resume({ id }))).toMatchObject({ code: "redrive-ended" });
    const listed = await server.as("viewer").redrives.list({ flow: "orders" });
    expect(listed.map(({ state }) => state)).toEqual(["running", "stopped"]);
    expect(await server.as("viewer").redrives.list({ open: true })).toHaveLength(1);
  });

  it("changes none when the expression fails on one of them", async () => {
    const good = await putLetter("1", '{"quantity":3}');
    await putLetter("2", "not json");
    const call = server
      .as("operator")
      .deadLetters.redrive({ flow: "orders", target: "node", edit: { cel: "body.quantity" } });
    expect(await readRefusal(call)).toMatchObject({ status: "BAD_REQUEST", code: "edit-failed" });
    const row = await readLetter(good);
    expect([row.state, textOf(row.value)]).toEqual(["waiting", '{"quantity":3}']);
  });

  it("refuses an expression that cannot be read", async () => {
    const call = server.as("operator").deadLetters.redrive({ flow: "orders", target: "node", edit: { cel: "body." } });
    expect(await readRefusal(call)).toMatchObject({ code: "expression-syntax" });
    const condition = server.as("operator").deadLetters.redrive({ flow: "orders", target: "node", where: "1 + 1" });
    expect(await readRefusal(condition)).toMatchObject({ code: "expression-type" });
  });

  it("discards with a reason, and leaves it readable", async () => {
    const id = await putLetter("1", "{}");
    expect(await server.as("operator").deadLetters.discard({ ids: [id], reason: "A test order." })).toEqual({
      discarded: 1,
      skipped: 0,
    });
    expect(await server.as("viewer").deadLetters.get({ id })).toMatchObject({
      state: "discarded",
      reason: "A test order.",
    });
    const trail = await database().prisma.auditEntry.findFirstOrThrow({
      where: { action: "dead-letter.discard" },
      orderBy: { at: "desc" },
    });
    expect(trail).toMatchObject({
      actor: "operator@example.com",
      detail: { count: 1, reason: "A test order.", letters: [id] },
    });
  });
});
