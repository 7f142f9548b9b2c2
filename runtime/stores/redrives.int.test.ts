import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { printMapping } from "../../flow/printed-mapping";
import { chooseNext, stopRedrive } from "../../prisma/choose-letters";
import type { DeadLetter } from "../dead-letter";
import { PostgresDeadLetters } from "./dead-letters";
import { endRedrives, returnAbandoned, takePlanned } from "./redrive-ends";
import { PostgresRedrives } from "./redrives";
import { openTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.drop());
beforeEach(async () => {
  held.clear();
  await database.pool.query(`TRUNCATE "DeadLetter", "Redrive", "Worker"`);
});

const store = (worker = "worker-1") => new PostgresRedrives(database.pool, worker);
/** Claims as a worker does, that has in hand whatever it claimed before. */
async function claim(worker = "worker-1", limit = 50) {
  const inHand = held.get(worker) ?? [];
  const request = { environment: "default", flowId: "flow-1", limit, staleAfterMs: 15_000, inHand };
  const claimed = await store(worker).claim(request);
  held.set(worker, [...inHand, ...claimed.letters.map(({ id }) => id)]);
  return claimed;
}
const held = new Map<string, string[]>();
const claimIds = async (worker?: string, limit?: number) => (await claim(worker, limit)).letters.map(({ id }) => id);
const readRedrive = (id: string) => database.prisma.redrive.findUniqueOrThrow({ where: { id } });
const states = async () => {
  const rows = await database.prisma.deadLetter.groupBy({ by: ["state"], _count: { _all: true } });
  return Object.fromEntries(rows.map(({ state, _count }) => [state, _count._all]));
};

function makeLetter(position: string, change: Partial<DeadLetter> = {}): DeadLetter {
  return {
    environment: "default",
    flowId: "flow-1",
    flow: "orders",
    version: 1,
    node: "call",
    source: "in",
    lane: "orders/0",
    position,
    part: "0",
    cause: { code: "http-status", message: "The endpoint answered 422." },
    fingerprint: "f",
    key: null,
    value: new TextEncoder().encode(`{"n":${position}}`),
    headers: [],
    codec: "json",
    timestamp: 0,
    attempts: 1,
    runId: "run-1",
    traceId: null,
    ...change,
  };
}

async function keepLetters(count: number): Promise<void> {
  const letters = Array.from({ length: count }, (_, index) => makeLetter(String(index)));
  await new PostgresDeadLetters(database.pool).keep(letters);
}

async function ask(change: object = {}): Promise<string> {
  const id = randomUUID();
  const createdAt = new Date(Date.now() + 60_000);
  await database.prisma.redrive.create({
    data: { id, flowId: "flow-1", flow: "orders", target: "node", createdAt, ...change },
  });
  while (await chooseNext(database.prisma, id));
  return id;
}

test("what is sent, what fails again at its node and at another one is counted once each", async () => {
  await keepLetters(4);
  const id = await ask();
  const [sent, again, elsewhere, refused] = await claimIds();
  const letter = await database.prisma.deadLetter.findUniqueOrThrow({ where: { id: again! } });
  const failed = makeLetter(letter.position, { attempts: 2, resentFrom: again! });
  const letters = new PostgresDeadLetters(database.pool);
  // Twice, as after a crash between keeping it and noting its end.
  await letters.keep([failed]);
  await letters.keep([failed]);
  await store().markSent([sent!, again!, elsewhere!], [again!, elsewhere!]);
  await store().markSent([sent!, again!, elsewhere!], [again!, elsewhere!]);
  expect((await readRedrive(id)).state).toBe("running");
  await store().refuse([refused!], "No such node.");
  await endRedrives(database.pool, "default");
  expect(await readRedrive(id)).toMatchObject({
    state: "done",
    asked: 4,
    sent: 1,
    failedAgain: 2,
    refused: 1,
    changed: 0,
  });
  expect(await states()).toEqual({ sent: 2, waiting: 2 });
});

test("parked on its way it is sent, and failed again when it is given up on", async () => {
  await keepLetters(1);
  const id = await ask();
  const [letter] = await claimIds();
  await store().markSent([letter!], []);
  expect(await readRedrive(id)).toMatchObject({ sent: 1, failedAgain: 0 });
  const header = ["millrace-dead-letter-id", new TextEncoder().encode(letter!)] as const;
  const failed = makeLetter("0", { attempts: 5, headers: [header], resentFrom: letter! });
  await new PostgresDeadLetters(database.pool).keep([failed]);
  expect(await readRedrive(id)).toMatchObject({ sent: 0, failedAgain: 1 });
  expect(await database.prisma.deadLetter.findMany()).toMatchObject([{ id: letter, state: "waiting", attempts: 5 }]);
});

test("several workers together keep the rate", async () => {
  await keepLetters(60);
  await ask({ rate: 10 });
  const startedAt = performance.now();
  const taken: string[] = [];
  while (performance.now() - startedAt < 1_500) {
    const claims = await Promise.all(["worker-1", "worker-2", "worker-3"].map((worker) => claimIds(worker)));
    taken.push(...claims.flat());
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  expect(new Set(taken).size).toBe(taken.length);
  expect(taken.length).toBeGreaterThan(5);
  expect(taken.length).toBeLessThanOrEqual(10 * seconds + 2);
});

test("one without a rate does not keep one with a rate from going", async () => {
  await keepLetters(10);
  const ids = (await database.prisma.deadLetter.findMany({ select: { id: true } })).map(({ id }) => id);
  await ask({ ids: ids.slice(0, 8) });
  const slow = await ask({ ids: ids.slice(8), rate: 1 });
  const claimed = await claim("worker-1", 5);
  expect(claimed.letters).toHaveLength(5);
  expect(claimed.letters.filter(({ id }) => ids.indexOf(id) >= 8)).toHaveLength(1);
  expect((await readRedrive(slow)).grantedAt).not.toBeNull();
});

test("it pauses by itself when as many failed as it was told, and resumed goes on until as many more did", async () => {
  await keepLetters(30);
  const id = await ask({ pauseAfter: 3, pauseAt: 3 });
  const fail = async (ids: readonly string[]) => {
    const rows = await database.prisma.deadLetter.findMany({ where: { id: { in: [...ids] } } });
    const failed = rows.map((row) => makeLetter(row.position, { attempts: 2, resentFrom: row.id }));
    await new PostgresDeadLetters(database.pool).keep(failed);
    await store().markSent(ids, ids);
  };
  // No more on their way than may fail.
  const first = await claimIds();
  expect(first).toHaveLength(3);
  expect(await claimIds()).toEqual([]);
  await fail(first);
  expect(await claimIds()).toEqual([]);
  expect(await readRedrive(id)).toMatchObject({
    ...{ state: "paused", failedAgain: 3, sent: 0 },
    reason: expect.stringContaining("3 failed again"),
  });
  await database.prisma.redrive.update({ where: { id }, data: { state: "running", pauseAt: 6 } });
  const second = await claimIds();
  expect(second).toHaveLength(3);
  await store().markSent(second, []);
  // As many went through: now as many as there is room for.
  expect(await claimIds("worker-1", 10)).toHaveLength(10);
});

test("paused nothing is taken; stopped what was not sent waits, and what is handed back too", async () => {
  await keepLetters(6);
  const id = await ask();
  const taken = await claimIds("worker-1", 2);
  await database.prisma.redrive.update({ where: { id }, data: { state: "paused" } });
  expect(await claimIds()).toEqual([]);
  await database.prisma.$transaction((tx) => stopRedrive(tx, id, null));
  expect(await states()).toEqual({ waiting: 4, sending: 2 });
  await store().markSent([taken[0]!], []);
  await store().handBack([taken[1]!]);
  expect(await states()).toEqual({ waiting: 5, sent: 1 });
  expect(await readRedrive(id)).toMatchObject({ state: "stopped", sent: 1 });
});

test("the edit is made when a letter is taken, and counted when it was sent", async () => {
  await keepLetters(2);
  const id = await ask({ edit: "{'n': body.n + 1, 'from': node}" });
  const { letters: taken } = await claim();
  const letters = taken.toSorted((left, right) => Number(left.position) - Number(right.position));
  const bodies = letters.map(({ edited }) => JSON.parse(Buffer.from(edited!.value!).toString()) as object);
  expect(bodies).toEqual([
    { n: 1, from: "call" },
    { n: 2, from: "call" },
  ]);
  const stored = await database.prisma.deadLetter.findUniqueOrThrow({ where: { id: letters[0]!.id } });
  expect([stored.editedFor, Buffer.from(stored.value!).toString()]).toEqual(["node", '{"n":0}']);
  await store().markSent(
    letters.map((letter) => letter.id),
    [],
  );
  expect(await readRedrive(id)).toMatchObject({ sent: 2, changed: 2 });
});

test("fields are set in a letter when it is taken", async () => {
  await keepLetters(1);
  await ask({ edit: printMapping({ set: { m: "body.n + 1" } }) });
  const [letter] = (await claim()).letters;
  expect(Buffer.from(letter!.edited!.value!).toString()).toBe('{"n":0,"m":1}');
});

test("an edit that fails on one of them, far behind, sends none", async () => {
  await keepLetters(450);
  const id = await ask({ edit: "{'n': 10 / (body.n - 444)}" });
  expect(await readRedrive(id)).toMatchObject({ state: "stopped", reason: expect.stringContaining("none was sent") });
  expect(await states()).toEqual({ waiting: 450 });
});

test("choosing goes on where it stood when its process is gone, and is not done twice by two that come", async () => {
  await keepLetters(700);
  const id = randomUUID();
  const createdAt = new Date(Date.now() + 60_000);
  await database.prisma.redrive.create({
    data: { id, flowId: "flow-1", flow: "orders", target: "node", condition: "body.n != 3", createdAt },
  });
  await chooseNext(database.prisma, id);
  expect(await claimIds()).toEqual([]);
  expect(await takePlanned(database.pool, "default")).toBeUndefined();
  await database.pool.query(`UPDATE "Redrive" SET "updatedAt" = "updatedAt" - interval '1 minute'`);
  expect(await takePlanned(database.pool, "default")).toBe(id);
  const choose = async () => {
    while (await chooseNext(database.prisma, id));
  };
  await Promise.all([choose(), choose()]);
  expect(await readRedrive(id)).toMatchObject({ state: "running", asked: 699 });
  expect(await states()).toEqual({ queued: 699, waiting: 1 });
});

test("of a worker that is gone they are taken over, unless their redrive was stopped: then they wait", async () => {
  await keepLetters(2);
  const id = await ask();
  expect(await claimIds("worker-1")).toHaveLength(2);
  await database.pool.query(`UPDATE "DeadLetter" SET "claimedAt" = "claimedAt" - interval '1 minute'`);
  expect(await claimIds("worker-2", 1)).toHaveLength(1);
  await database.prisma.$transaction((tx) => stopRedrive(tx, id, null));
  expect(await claimIds("worker-3")).toEqual([]);
  await returnAbandoned(database.pool, "default", 15_000);
  const rows = await database.prisma.deadLetter.findMany({ orderBy: { state: "asc" } });
  expect(rows.map(({ state, reason }) => [state, reason])).toEqual([
    ["sending", null],
    ["waiting", expect.stringContaining("may have arrived")],
  ]);
});
