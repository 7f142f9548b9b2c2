import { describe, expect, it } from "vitest";
import { type Arrival, addressOf, type HeldChange, type HeldRow, type HeldStore } from "../../flow/holding";
import { arrivalIdOf, heldIdOf } from "../../prisma/held-id";

/** A store of what is held, as the suite needs it. */
export interface Subject {
  /** As another worker has it. */
  open(): HeldStore;
}

const utf8 = new TextEncoder();
const began = Date.UTC(2026, 10, 27, 8);
const leaseMs = 10_000;
let count = 0;

/** The rules that every store of what is held keeps. */
export function describeHeldStore(name: string, subject: Subject): void {
  /** A flow of its own for each test. */
  function start() {
    const scope = { environment: "default", flowId: `flow-${process.pid}-${++count}` };
    const [one, two] = [subject.open(), subject.open()];
    const makeRow = (key: string, change: Partial<HeldRow> = {}): HeldRow => ({
      ...scope,
      id: heldIdOf(scope, "place-order", key),
      node: "place-order",
      kind: "saga",
      key,
      version: 1,
      revision: 1,
      status: "running",
      steps: ["reserve"],
      dueAt: null,
      awaits: [],
      content: utf8.encode(`{"key":"${key}"}`),
      error: null,
      traceId: null,
      createdAt: began,
      updatedAt: began,
      endedAt: null,
      expiresAt: null,
      ...change,
    });
    const makeArrival = (value: string, place: string, change: Partial<Arrival> = {}): Arrival => ({
      ...scope,
      id: arrivalIdOf(scope, addressOf("paid", value), place),
      address: addressOf("paid", value),
      content: utf8.encode(`${value} ${place}`),
      createdAt: began,
      expiresAt: began + 60_000,
      ...change,
    });
    const write = (store: HeldStore, ...rows: readonly HeldRow[]) => store.write(rows.map((row) => ({ write: row })));
    const take = async (store: HeldStore, now: number, limit = 100) =>
      (await store.takeDue(scope, { kind: "saga", now, limit, leaseMs })).map(({ key }) => key);
    return { scope, one, two, makeRow, makeArrival, write, take };
  }
  const next = (row: HeldRow, change: Partial<HeldRow> = {}): HeldRow => ({
    ...row,
    revision: row.revision + 1,
    ...change,
  });

  describe(`what is held, ${name}: rows`, () => {
    it("reads what was written, all of it", async () => {
      const { one, two, makeRow, write } = start();
      const plain = makeRow("o-1");
      const full = makeRow("ö '\"\\{},$1", {
        kind: "message",
        version: 12,
        status: "held",
        steps: ["reserve", "charge"],
        dueAt: began + 1,
        awaits: [addressOf("paid", 'a "b" \\ {c},d'), addressOf("paid", "ü")],
        content: Uint8Array.from({ length: 256 }, (_, byte) => byte),
        error: { node: "charge", code: "http-status", message: "The endpoint answered 500." },
        traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
        updatedAt: began + 2,
        endedAt: began + 3,
        expiresAt: began + 4,
      });
      expect(await write(one, plain, full)).toEqual(["written", "written"]);
      const other = heldIdOf(plain, "elsewhere", "o-1");
      const [first, second, third, again] = await two.read([full.id, other, plain.id, full.id]);
      expect(second).toBeNull();
      expect({ ...first, content: [...first!.content] }).toEqual({ ...full, content: [...full.content] });
      expect({ ...third, content: [...third!.content] }).toEqual({ ...plain, content: [...plain.content] });
      expect(again?.id).toBe(full.id);
      expect(await two.read([])).toEqual([]);
    });

    it("begins a row once, changes and ends only what it was made of", async () => {
      const { one, two, makeRow, write } = start();
      const row = makeRow("o-1");
      expect(await write(one, row)).toEqual(["written"]);
      expect(await write(two, { ...row, steps: ["other"] })).toEqual(["conflict"]);
      const second = next(row, { steps: ["charge"] });
      expect(await write(two, second)).toEqual(["written"]);
      expect(await write(one, next(row, { steps: ["never"] }))).toEqual(["conflict"]);
      expect(await one.write([{ remove: { id: row.id, revision: 1 } }])).toEqual(["conflict"]);
      expect((await one.read([row.id]))[0]).toMatchObject({ revision: 2, steps: ["charge"] });
      expect(await one.write([{ remove: { id: row.id, revision: 2 } }])).toEqual(["written"]);
      // What is gone stays gone: a change of it is no new row.
      expect(await write(two, next(second))).toEqual(["conflict"]);
      expect(await two.write([{ remove: { id: row.id, revision: 2 } }])).toEqual(["conflict"]);
      expect(await one.read([row.id])).toEqual([null]);
      expect(await write(two, row)).toEqual(["written"]);
    });

    it("answers each change of a call by itself", async () => {
      const { one, makeRow, write } = start();
      const rows = ["a", "b", "c", "d"].map((key) => makeRow(key));
      await write(one, ...rows);
      const [a, b, c, d] = rows as [HeldRow, HeldRow, HeldRow, HeldRow];
      const changes: HeldChange[] = [
        { write: next(d) },
        { write: makeRow("e") },
        { write: next(next(a)) },
        { remove: { id: b.id, revision: 1 } },
        { write: c },
        { remove: { id: makeRow("f").id, revision: 1 } },
      ];
      expect(await one.write(changes)).toEqual(["written", "written", "conflict", "written", "conflict", "conflict"]);
      const read = await one.read([...rows.map(({ id }) => id), makeRow("e").id]);
      expect(read.map((row) => row?.revision ?? null)).toEqual([1, null, 1, 2, 1]);
      expect(await one.write([])).toEqual([]);
    });

    it("carries out several changes of one row that follow each other, and begins it once", async () => {
      const { one, makeRow, write } = start();
      const row = makeRow("o-1");
      expect(await write(one, row, { ...row, steps: ["twin"] }, next(row, { steps: ["charge"] }))).toEqual([
        "written",
        "conflict",
        "written",
      ]);
      expect((await one.read([row.id]))[0]).toMatchObject({ revision: 2, steps: ["charge"] });
      const third = next(next(row), { steps: ["book"] });
      expect(await one.write([{ write: third }, { remove: { id: row.id, revision: 3 } }])).toEqual([
        "written",
        "written",
      ]);
      expect(await one.read([row.id])).toEqual([null]);
    });

    it("lets one of several writers of a revision win", async () => {
      const { one, two, makeRow, write } = start();
      const rows = Array.from({ length: 20 }, (_, index) => makeRow(`o-${index}`));
      const begun = await Promise.all([one, two, one, two].map((store) => write(store, ...shuffle(rows))));
      expect(begun.flat().filter((answer) => answer === "written")).toHaveLength(20);
      const changed = await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          const order = shuffle(rows);
          const answers = await write(
            writer % 2 ? one : two,
            ...order.map((row) => next(row, { steps: [`w-${writer}`] })),
          );
          return order.flatMap((row, index) =>
            answers[index] === "written" ? [[row.id, `w-${writer}`] as const] : [],
          );
        }),
      );
      const won = new Map(changed.flat());
      expect(changed.flat()).toHaveLength(20);
      for (const row of await two.read(rows.map(({ id }) => id))) expect(row!.steps).toEqual([won.get(row!.id)]);
    });

    it("takes groups of writes, takings and lendings in any order, side by side, and loses none", async () => {
      const { scope, one, two, makeRow, write } = start();
      const keys = Array.from({ length: 60 }, (_, index) => `o-${index}`);
      const rounds = 12;
      /** Adds to rows in groups of mixed changes until each of its own additions is in. */
      async function work(store: HeldStore, writer: number) {
        for (let round = 0; round < rounds; round++) {
          let open = shuffle(keys).slice(0, 30);
          while (open.length > 0) {
            const read = await store.read(open.map((key) => makeRow(key).id));
            const changes = open.map((key, index): HeldChange => {
              const row = read[index];
              const steps = [...(row?.steps ?? []), `${writer}.${round}`];
              return { write: row ? next(row, { steps, dueAt: began }) : makeRow(key, { steps, dueAt: began }) };
            });
            const answers = await store.write(changes);
            open = open.filter((_, index) => answers[index] === "conflict");
            const own = await store.takeDue(scope, { kind: "saga", now: began, limit: 20, leaseMs });
            await store.setDue(shuffle(own).map(({ id, revision }) => ({ id, revision, dueAt: began })));
          }
        }
      }
      await Promise.all([work(one, 0), work(two, 1), work(one, 2), work(two, 3)]);
      const rows = await one.read(keys.map((key) => makeRow(key).id));
      const steps = rows.flatMap((row) => row?.steps ?? []);
      expect(steps).toHaveLength(4 * rounds * 30);
      for (const row of rows) {
        expect(new Set(row!.steps).size).toBe(row!.steps.length);
        expect(row!.revision).toBe(row!.steps.length);
      }
      expect(await write(one, next(rows[0]!))).toEqual(["written"]);
    });

    it("takes a content of several megabytes and a group of hundreds", async () => {
      const { one, two, makeRow, write } = start();
      const large = makeRow("large", { content: new Uint8Array(3_000_000).fill(7) });
      const rows = Array.from({ length: 500 }, (_, index) => makeRow(`o-${index}`));
      expect(new Set(await write(one, large, ...rows))).toEqual(new Set(["written"]));
      expect((await two.read([large.id]))[0]!.content.length).toBe(3_000_000);
      expect(new Set(await write(two, ...rows.map((row) => next(row))))).toEqual(new Set(["written"]));
    });

    it("takes keys and addresses of any length and signs", async () => {
      const { scope, one, makeRow, write } = start();
      const values = ["x".repeat(10_000), `${"x".repeat(10_000)}y`, "\0", "\0\0", "", " ", "a\nb", "' OR 1"];
      const rows = values.map((value) => makeRow(value, { awaits: [addressOf("paid", value)] }));
      expect(new Set(await write(one, ...rows))).toEqual(new Set(["written"]));
      for (const [index, value] of values.entries()) {
        const address = addressOf("paid", value);
        expect(await one.findAwaiting(scope, [address])).toEqual([{ address, id: rows[index]!.id }]);
        const page = await one.list({ ...scope, key: value, limit: 5 });
        expect(page.rows.map(({ id }) => id)).toEqual([rows[index]!.id]);
      }
    });
  });

  describe(`what is held, ${name}: due`, () => {
    it("takes what is due, oldest first, and lends it for a while", async () => {
      const { scope, one, two, makeRow, write, take } = start();
      const at = { a: 3, b: 1, c: 2, late: 5_000 };
      await write(one, ...Object.entries(at).map(([key, ms]) => makeRow(key, { dueAt: began + ms })), makeRow("never"));
      const now = began + 10;
      expect(await take(one, now, 2)).toEqual(["b", "c"]);
      expect(await take(two, now)).toEqual(["a"]);
      expect(await take(two, now)).toEqual([]);
      expect(await take(two, now + leaseMs - 1)).toEqual(["late"]);
      const again = await two.takeDue(scope, { kind: "saga", now: now + leaseMs, limit: 100, leaseMs });
      expect(again.map(({ key }) => key).sort()).toEqual(["a", "b", "c"]);
      expect(again.every(({ revision, dueAt }) => revision === 1 && dueAt === now + 2 * leaseMs)).toBe(true);
      expect((await one.read([makeRow("a").id]))[0]!.dueAt).toBe(now + 2 * leaseMs);
    });

    it("takes nothing of another flow or environment", async () => {
      const { scope, one, makeRow, write } = start();
      await write(one, makeRow("a", { dueAt: began }));
      const options = { kind: "saga", now: began, limit: 10, leaseMs } as const;
      expect(await one.takeDue({ ...scope, environment: "other" }, options)).toEqual([]);
      expect(await one.takeDue({ ...scope, flowId: `${scope.flowId}-other` }, options)).toEqual([]);
      expect(await one.takeDue(scope, { ...options, kind: "message" })).toEqual([]);
      expect(await one.takeDue(scope, options)).toHaveLength(1);
    });

    it("never gives one row to two while it is lent", async () => {
      const { one, two, makeRow, write, take } = start();
      await write(one, ...Array.from({ length: 300 }, (_, index) => makeRow(`o-${index}`, { dueAt: began + index })));
      const now = began + 1_000;
      const taken: string[] = [];
      const drain = async (store: HeldStore) => {
        for (;;) {
          const keys = await take(store, now, 7);
          if (keys.length === 0) return;
          taken.push(...keys);
        }
      };
      await Promise.all([drain(one), drain(two), drain(one), drain(two)]);
      expect(taken).toHaveLength(300);
      expect(new Set(taken).size).toBe(300);
    });

    it("says anew when a row is due, if it is still at that revision", async () => {
      const { one, two, makeRow, write, take } = start();
      const rows = ["a", "b", "c"].map((key) => makeRow(key, { dueAt: began }));
      await write(one, ...rows);
      const [a, b, c] = rows as [HeldRow, HeldRow, HeldRow];
      await write(two, next(b));
      await one.setDue([
        { id: c.id, revision: 1, dueAt: null },
        { id: b.id, revision: 1, dueAt: began + 900 },
        { id: a.id, revision: 1, dueAt: began + 1 },
        { id: a.id, revision: 1, dueAt: began + 500 },
        { id: makeRow("gone").id, revision: 1, dueAt: began },
      ]);
      await one.setDue([]);
      expect((await two.read(rows.map(({ id }) => id))).map((row) => row!.dueAt)).toEqual([began + 500, began, null]);
      expect(await take(two, began + 499)).toEqual(["b"]);
      expect(await take(two, began + 500)).toEqual(["a"]);
    });

    it("is due as a write says, and no more once it is gone", async () => {
      const { one, makeRow, write, take } = start();
      const row = makeRow("a", { dueAt: began });
      await write(one, row);
      await write(one, next(row, { dueAt: began + 50 }));
      expect(await take(one, began + 49)).toEqual([]);
      await write(one, next(next(row), { dueAt: null }));
      expect(await take(one, began + 99_000)).toEqual([]);
      await write(one, next(next(next(row)), { dueAt: began }));
      await one.write([{ remove: { id: row.id, revision: 4 } }]);
      expect(await take(one, began + 99_000)).toEqual([]);
    });
  });

  describe(`what is held, ${name}: what comes for it`, () => {
    it("finds who awaits an address, until they do no more", async () => {
      const { scope, one, two, makeRow, write } = start();
      const [x, y] = [addressOf("paid", "x"), addressOf("paid", "y")];
      const both = makeRow("both", { awaits: [x, y] });
      const other = makeRow("other", { awaits: [y], createdAt: began + 1 });
      await write(one, both, other, makeRow("none"));
      expect(await two.findAwaiting(scope, [y, addressOf("paid", "z"), addressOf("elsewhere", "x")])).toEqual([
        { address: y, id: both.id },
        { address: y, id: other.id },
      ]);
      const found = await two.findAwaiting(scope, [x, y]);
      expect(
        found
          .filter(({ id }) => id === both.id)
          .map(({ address }) => address)
          .sort(),
      ).toEqual([x, y]);
      await write(one, next(both, { awaits: [x] }));
      await one.write([{ remove: { id: other.id, revision: 1 } }]);
      expect(await two.findAwaiting(scope, [x, y])).toEqual([{ address: x, id: both.id }]);
      expect(await two.findAwaiting({ ...scope, flowId: "other" }, [x])).toEqual([]);
      expect(await two.findAwaiting({ ...scope, environment: "other" }, [x])).toEqual([]);
      expect(await two.findAwaiting(scope, [])).toEqual([]);
    });

    it("keeps what comes too early once, oldest first", async () => {
      const { scope, one, two, makeArrival } = start();
      const [a, b] = [makeArrival("x", "1", { createdAt: began + 2 }), makeArrival("x", "2", { createdAt: began + 1 })];
      await one.keepArrivals([a, b, makeArrival("y", "3")]);
      await two.keepArrivals([{ ...a, content: utf8.encode("again"), createdAt: began }]);
      await two.keepArrivals([]);
      const found = await two.findArrivals(scope, [a.address]);
      expect(found.map(({ id }) => id)).toEqual([b.id, a.id]);
      expect({ ...found[1], content: [...found[1]!.content] }).toEqual({ ...a, content: [...a.content] });
      expect(await one.findArrivals({ ...scope, flowId: "other" }, [a.address])).toEqual([]);
      expect(await one.findArrivals(scope, [])).toEqual([]);
      await one.removeArrivals([b.id, b.id, makeArrival("z", "9").id]);
      await one.removeArrivals([]);
      expect((await two.findArrivals(scope, [a.address, addressOf("paid", "y")])).map(({ id }) => id).sort()).toEqual(
        [a.id, makeArrival("y", "3").id].sort(),
      );
    });

    it("lets whoever is second see the other, when an event and its saga come at once", async () => {
      const { scope, one, two, makeRow, makeArrival, write } = start();
      const values = Array.from({ length: 150 }, (_, index) => `v-${index}`);
      const missed: string[] = [];
      await Promise.all(
        values.map(async (value) => {
          const address = addressOf("paid", value);
          const row = makeRow(value);
          await write(one, row);
          const waits = async () => {
            await write(one, next(row, { awaits: [address], status: "waiting" }));
            return (await one.findArrivals(scope, [address])).length > 0;
          };
          const comes = async () => {
            await two.keepArrivals([makeArrival(value, "1")]);
            return (await two.findAwaiting(scope, [address])).length > 0;
          };
          const seen = await Promise.all(Math.random() < 0.5 ? [waits(), comes()] : [comes(), waits()]);
          if (!seen.includes(true)) missed.push(value);
        }),
      );
      expect(missed).toEqual([]);
    });
  });

  describe(`what is held, ${name}: an end`, () => {
    it("forgets rows and arrivals past their time, but nothing that is due", async () => {
      const { scope, one, makeRow, makeArrival, write } = start();
      const ended = { status: "completed", endedAt: began } as const;
      await write(
        one,
        makeRow("past", { ...ended, expiresAt: began + 10 }),
        makeRow("later", { ...ended, expiresAt: began + 11 }),
        makeRow("due", { ...ended, expiresAt: began + 10, dueAt: began + 5 }),
        makeRow("kept"),
      );
      const [past, later] = [makeArrival("x", "1", { expiresAt: began + 10 }), makeArrival("x", "2")];
      await one.keepArrivals([past, later]);
      expect(await one.forgetExpired(began + 10)).toBe(2);
      const { rows } = await one.list({ ...scope, limit: 10 });
      expect(rows.map(({ key }) => key).sort()).toEqual(["due", "kept", "later"]);
      expect((await one.findArrivals(scope, [past.address])).map(({ id }) => id)).toEqual([later.id]);
      await one.setDue([{ id: makeRow("due").id, revision: 1, dueAt: null }]);
      expect(await one.forgetExpired(began + 10)).toBe(1);
      expect(await one.forgetExpired(began + 10)).toBe(0);
      expect(await one.read([makeRow("past").id])).toEqual([null]);
      await one.forgetExpired(began + 90_000);
    });

    it("forgets thousands", async () => {
      const { one, makeRow, write } = start();
      for (let from = 0; from < 5_000; from += 500) {
        await write(
          one,
          ...Array.from({ length: 500 }, (_, index) => makeRow(`o-${from + index}`, { expiresAt: began + 10 })),
        );
      }
      expect(await one.forgetExpired(began + 10)).toBe(5_000);
    });
  });

  describe(`what is held, ${name}: a person's search`, () => {
    it("lists what began last first, page by page", async () => {
      const { scope, one, makeRow, write } = start();
      await write(
        one,
        ...Array.from({ length: 25 }, (_, index) =>
          makeRow(`o-${index}`, { createdAt: began + Math.floor(index / 5) }),
        ),
      );
      const seen: string[] = [];
      let from: string | null | undefined;
      do {
        const page = await one.list({ ...scope, limit: 7, ...(from ? { from } : {}) });
        seen.push(...page.rows.map(({ createdAt, id }) => `${createdAt} ${id}`));
        from = page.next;
      } while (from);
      expect(seen).toHaveLength(25);
      expect(seen).toEqual([...seen].sort().reverse());
      const exact = await one.list({ ...scope, limit: 25 });
      expect([exact.rows.length, exact.next]).toEqual([25, null]);
      expect((await one.list({ ...scope, limit: 3, from: "nowhere" })).rows).toHaveLength(3);
    });

    it("finds by status, key, step, kind and age, also together", async () => {
      const { scope, one, makeRow, write } = start();
      const error = { node: "charge", code: "http-status", message: "The endpoint answered 500." };
      await write(
        one,
        makeRow("a", { createdAt: began + 1 }),
        makeRow("b", { createdAt: began + 2, status: "asking", steps: ["charge", "book"], error }),
        makeRow("c", { createdAt: began + 3, status: "completed", steps: [], endedAt: began + 9 }),
        makeRow("d", { createdAt: began + 4, status: "compensated", steps: [], endedAt: began + 9 }),
        makeRow("e", { createdAt: began + 5, kind: "message", status: "held", steps: ["pause"] }),
      );
      const find = async (search: object) =>
        (await one.list({ ...scope, limit: 10, ...search })).rows.map(({ key }) => key).join("");
      expect(await find({})).toBe("edcba");
      expect(await find({ statuses: ["completed", "compensated"] })).toBe("dc");
      expect(await find({ statuses: [] })).toBe("");
      expect(await find({ key: "b" })).toBe("b");
      expect(await find({ step: "charge" })).toBe("b");
      expect(await find({ kind: "message" })).toBe("e");
      expect(await find({ since: began + 2, before: began + 4 })).toBe("cb");
      expect(await find({ since: began + 2, statuses: ["running", "asking"], step: "book", key: "b" })).toBe("b");
      expect(await find({ step: "charge", key: "a" })).toBe("");
      expect((await one.list({ environment: scope.environment, key: "b", limit: 1_000 })).rows).toEqual(
        expect.arrayContaining([expect.objectContaining({ id: makeRow("b").id, error })]),
      );
      expect((await one.list({ environment: "elsewhere", limit: 10 })).rows).toEqual([]);
    });

    it("counts who stands where, of what has not ended", async () => {
      const { scope, one, makeRow, write } = start();
      const a = makeRow("a");
      const ended = { status: "completed", steps: ["reserve"] } as const;
      await write(
        one,
        a,
        makeRow("b", { steps: ["reserve", "charge"] }),
        makeRow("c", ended),
        makeRow("d", { steps: [] }),
      );
      const count = async () => (await one.countStanding(scope)).map(({ node, count }) => `${node} ${count}`).sort();
      expect(await count()).toEqual(["charge 1", "reserve 2"]);
      await write(one, next(a, { steps: ["charge"] }));
      await one.write([{ remove: { id: makeRow("b").id, revision: 1 } }]);
      expect(await count()).toEqual(["charge 1"]);
      await write(one, next(next(a), { status: "completed", steps: [] }));
      expect(await count()).toEqual([]);
      await write(one, makeRow("s", { status: "stuck", steps: ["charge"] }), makeRow("t", { steps: ["charge"] }));
      expect(await one.countStanding(scope)).toEqual([{ node: "charge", count: 2, stuck: 1 }]);
    });

    it("counts all there is, by node, version, status and where it stands", async () => {
      const { scope, one, makeRow, write } = start();
      const a = makeRow("a");
      await write(
        one,
        a,
        makeRow("b", { version: 2, steps: ["charge", "book"] }),
        makeRow("c", { version: 2, steps: ["charge", "book"] }),
        makeRow("d", { status: "asking", steps: [] }),
        makeRow("e", { status: "completed" }),
      );
      const count = async () =>
        (await one.count(scope))
          .map(({ node, version, status, steps, count }) => [node, version, status, ...steps, count].join(" "))
          .sort();
      expect(await count()).toEqual([
        "place-order 1 asking 1",
        "place-order 1 completed 1",
        "place-order 1 running reserve 1",
        "place-order 2 running charge book 2",
      ]);
      await write(one, next(a, { status: "completed" }));
      await one.write([{ remove: { id: makeRow("b").id, revision: 1 } }]);
      expect(await count()).toEqual([
        "place-order 1 asking 1",
        "place-order 1 completed 2",
        "place-order 2 running charge book 1",
      ]);
    });
  });
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item);
}
