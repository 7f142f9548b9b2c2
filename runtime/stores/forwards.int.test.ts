import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { DeadLetter } from "../dead-letter";
import { PostgresDeadLetters } from "./dead-letters";
import { PostgresForwards } from "./forwards";
import { openTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.drop());
beforeEach(() => database.pool.query(`TRUNCATE "DeadLetter"`));

const forwards = () => new PostgresForwards(database.pool);
const keep = (...letters: DeadLetter[]) => new PostgresDeadLetters(database.pool).keep(letters);
const place = { flowId: "flow-1", connection: "kafka", to: "orders.dead" };
const rows = () => database.prisma.deadLetter.findMany({ orderBy: { position: "asc" } });

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
    value: new TextEncoder().encode("{}"),
    headers: [],
    codec: "json",
    timestamp: 0,
    attempts: 1,
    runId: "run-1",
    traceId: null,
    forward: { connection: "kafka", to: "orders.dead" },
    ...change,
  };
}

test("what is due is read in the order in which it failed, of one place, and of so many bytes", async () => {
  const { forward: _forward, ...kept } = makeLetter("0");
  await keep(kept, makeLetter("other", { flowId: "flow-2" }));
  await keep(makeLetter("1", { value: new Uint8Array(5_000_000) }));
  await keep(makeLetter("2", { value: new Uint8Array(5_000_000) }));
  await keep(makeLetter("3"));
  expect(await forwards().destinations("default")).toHaveLength(2);
  expect(await forwards().destinations("elsewhere")).toEqual([]);
  const read = async () => (await forwards().read("default", place)).map(({ position }) => position);
  expect(await read()).toEqual(["1"]);
  await forwards().markForwarded(await forwards().read("default", place));
  expect(await read()).toEqual(["2", "3"]);
});

test("is remembered as written, refused with the reason, or due with it", async () => {
  await keep(makeLetter("1"), makeLetter("2"), makeLetter("3"));
  const letters = await forwards().read("default", place);
  const [first, second, third] = letters.toSorted((a, b) => Number(a.position) - Number(b.position));
  await forwards().markForwarded([first!]);
  await forwards().refuse(second!, "It is too large.");
  await forwards().noteCause(third!, "Kafka is away.");
  expect((await rows()).map(({ forwardState, forwardCause }) => [forwardState, forwardCause])).toEqual([
    ["forwarded", null],
    ["refused", "It is too large."],
    ["due", "Kafka is away."],
  ]);
  expect((await rows())[0]!.forwardedAt).toBeInstanceOf(Date);
});

test("one that failed again while it was being written is written again", async () => {
  await keep(makeLetter("1"));
  const [before] = await forwards().read("default", place);
  await database.pool.query(`UPDATE "DeadLetter" SET "failedAt" = "failedAt" - interval '1 second'`);
  await keep(makeLetter("1", { attempts: 2, resentFrom: before!.id }));
  await forwards().markForwarded([{ ...before!, failedAt: "2026-01-01T00:00:00.000Z" }]);
  expect(await forwards().read("default", place)).toMatchObject([{ id: before!.id, attempts: 2 }]);
});

test("a letter that fails again keeps what it failed on before in front, once where it is the same", async () => {
  const answered = (status: number) => ({ code: "http-status", message: `The endpoint answered ${status}.` });
  const earlier = { node: "first", code: "body-invalid", message: "No id.", times: 1 };
  await keep(makeLetter("1", { cause: answered(500), causes: [earlier] }));
  const { id } = (await rows())[0]!;
  await keep(makeLetter("1", { cause: answered(500), resentFrom: id }));
  await keep(makeLetter("1", { cause: answered(502), resentFrom: id }));
  await keep(makeLetter("1", { cause: answered(422), causes: [{ ...earlier, times: 2 }], resentFrom: id }));
  const before = [earlier, { node: "call", ...answered(500), times: 1 }, { node: "call", ...answered(502), times: 1 }];
  expect((await rows())[0]!.causes).toEqual([...before, { ...earlier, times: 2 }]);
  for (let n = 0; n < 30; n++) await keep(makeLetter("1", { cause: answered(1_000 + n), resentFrom: id }));
  const causes = (await rows())[0]!.causes as { message: string }[];
  expect([causes.length, causes.at(-1)!.message]).toEqual([20, answered(1_028).message]);
});
