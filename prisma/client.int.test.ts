import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, expect, it } from "vitest";
import { createDatabase } from "./client";

const given = new URL(process.env.DATABASE_URL ?? "");
const sockets: Socket[] = [];
let silent = false;
/** Between us and Postgres: when told to, it swallows what is said, as a host that vanished does. */
const server = createServer((incoming) => {
  const outgoing = connect({ host: given.hostname, port: Number(given.port || 5432) });
  sockets.push(incoming, outgoing);
  incoming.on("error", () => {}).on("data", (chunk) => void (silent || outgoing.write(chunk)));
  outgoing.on("error", () => {}).on("data", (chunk) => void (silent || incoming.write(chunk)));
  incoming.on("close", () => outgoing.destroy());
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

it("gives up on a Postgres that hangs, and finds it again", async () => {
  const url = Object.assign(new URL(given), {
    hostname: "127.0.0.1",
    port: String((server.address() as AddressInfo).port),
  });
  const database = createDatabase(url.href, { maxConnections: 3, queryTimeoutMs: 400 });
  const ask = () => database.prisma.$queryRaw`SELECT 1 AS one`;
  await Promise.all([ask(), ask(), database.pool.query("SELECT 1")]);
  silent = true;
  const asked = await Promise.allSettled([
    ask(),
    database.pool.query("SELECT 1"),
    database.prisma.$transaction((transaction) => transaction.$queryRaw`SELECT 1`),
  ]);
  expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  silent = false;
  await expect.poll(() => ask().catch(() => null), { timeout: 10_000 }).toEqual([{ one: 1 }]);
  expect((await Promise.all([ask(), ask(), ask(), ask()])).length).toBe(4);
  await database.close();
});
