import { afterAll, beforeAll, expect, it } from "vitest";
import { maskText } from "@/flow/masking";
import { DesiredState } from "@/runtime/stores/desired-state";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer("recordings");
  const document = {
    format: "millrace/flow@1",
    name: "orders",
    settings: { masked: [{ path: "body.card", below: "admin" }] },
    nodes: [{ id: "hook", kind: "webhook-source", config: { path: "orders" } }],
    edges: [],
  };
  await server.as("admin").flows.push({ document });
});
afterAll(() => server.close());

const ask = (condition: string, minutes = 60) => ({ flow: "orders", condition, minutes });
const codeOf = async (asking: Promise<unknown>) => (await readRefusal(asking)).code;

it("is asked for with an end, told to workers, listed with who asked, and stopped; each is written down", async () => {
  const { recordings } = server.as("operator");
  const { id, endsAt } = await recordings.start(ask(" body.customer == 42 "));
  expect(endsAt.getTime() - Date.now()).toBeGreaterThan(59 * 60_000);
  const shown = { id, condition: "body.customer == 42", by: "operator@example.com", endsAt };
  expect(await server.as("viewer").recordings.list({ flow: "orders" })).toMatchObject([shown]);
  const wanted = new DesiredState(database().prisma, "default");
  expect(await wanted.recordings()).toMatchObject([{ condition: "body.customer == 42", endsAt }]);
  await recordings.stop({ id });
  expect(await recordings.list({ flow: "orders" })).toEqual([]);
  expect(await wanted.recordings()).toEqual([]);
  expect(await codeOf(recordings.stop({ id }))).toBe("recording-missing");
  const audit = await database().prisma.auditEntry.findMany({ where: { action: { startsWith: "recording." } } });
  expect(audit.map(({ action, actor }) => [action, actor])).toEqual([
    ["recording.start", "operator@example.com"],
    ["recording.stop", "operator@example.com"],
  ]);
});

it("is refused where the condition is none, reads what is masked, or too many are there", async () => {
  const { recordings } = server.as("operator");
  expect(await codeOf(recordings.start(ask("bdy.x == 1")))).toBe("expression-unknown-name");
  expect(await codeOf(recordings.start(ask("'text'")))).toBe("expression-type");
  expect(await codeOf(recordings.start(ask("body.card == '4111'")))).toBe("field-masked");
  await server.as("admin").recordings.start(ask("body.card == '4111'", 5));
  expect((await server.as("viewer").recordings.list({ flow: "orders" })).map((each) => each.condition)).toEqual([
    maskText,
  ]);
  const asked = await Promise.allSettled([1, 2, 3].map((customer) => recordings.start(ask(`body.id == ${customer}`))));
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  expect(await codeOf(recordings.start(ask("true")))).toBe("recordings-full");
});

it("drops the oldest days first when all take more room than they may, and never today's", async () => {
  const { prisma } = database();
  for (const [day, next] of [
    ["20200101", "20200102"],
    ["20200102", "20200103"],
  ])
    for (const parent of ["Run", "RunValue"])
      await prisma.$executeRawUnsafe(
        `CREATE TABLE "${parent}_${day}" PARTITION OF "${parent}" FOR VALUES FROM ('${day}') TO ('${next}')`,
      );
  const list = async () => {
    const rows = await prisma.$queryRaw<{ name: string }[]>`
      SELECT relname::text AS name FROM pg_class WHERE relname ~ '^Run(Value)?_[0-9]{8}$' ORDER BY right(relname, 8), relname`;
    return rows.map(({ name }) => name);
  };
  const size = async () => {
    const [row] = await prisma.$queryRaw<{ bytes: number }[]>`
      SELECT sum(pg_total_relation_size(inhrelid))::float8 AS bytes FROM pg_inherits
      WHERE inhparent IN ('"Run"'::regclass, '"RunValue"'::regclass)`;
    return row!.bytes;
  };
  const shrink = async (bytes: number) =>
    (await prisma.$queryRaw<{ dropped: number }[]>`SELECT millrace_shrink_partitions(${bytes}::bigint) AS dropped`)[0];
  const before = await list();
  const all = await size();
  expect(await shrink(all)).toEqual({ dropped: 0 });
  expect(await shrink(all - 1)).toEqual({ dropped: 2 });
  expect(await list()).toEqual(before.filter((name) => !name.endsWith("20200101")));
  expect(await shrink(0)).toEqual({ dropped: 2 });
  expect(await list()).toEqual(before.filter((name) => !name.includes("_2020")));
});
