import { afterAll, beforeAll } from "vitest";
import { PostgresHeldStore } from "./held";
import { describeHeldStore } from "./held-conformance";
import { openTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.drop());

describeHeldStore("in Postgres", { open: () => new PostgresHeldStore(database.pool) });
