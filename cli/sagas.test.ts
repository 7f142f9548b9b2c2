import { TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import type { SagaActed, SagaGroup, SagaSummary, SagaView } from "../server/saga-views";
import { runLine } from "./testing";

const id = "8f6f1a52-55b7-8a0c-9d0e-2a35c7f0a001";
const other = "8f6f1a52-55b7-8a0c-9d0e-2a35c7f0a002";

const summary: SagaSummary = {
  id,
  flow: "place-order",
  version: 3,
  start: "begin",
  key: "o-123",
  status: "compensating",
  steps: ["reserve"],
  stepTitles: ["Reserve stock"],
  error: { node: "charge", title: "Charge card", code: "http-status", message: "The endpoint answered 402." },
  startedAt: new Date(1_000_000),
  updatedAt: new Date(1_055_000),
  endedAt: null,
  dueAt: new Date(1_063_000),
  forgottenAt: null,
  traceId: null,
};
const ended: SagaSummary = {
  ...summary,
  id: other,
  key: "o-122",
  status: "completed",
  steps: [],
  error: null,
  endedAt: new Date(1_000_250),
  dueAt: null,
};
const group: SagaGroup = { flow: "place-order", version: 3, status: "compensating", count: 1 };
const counts: SagaGroup[] = [group, { ...group, status: "completed", count: 41 }, { ...group, version: 2 }];

const view: SagaView = {
  ...summary,
  state: {
    id,
    key: "o-123",
    startedAt: 1_000_000,
    phase: "backward",
    reason: { code: "http-status", message: "The endpoint answered 402.", node: "charge" },
    pivoted: false,
    body: { text: '{"id":"o-123","reservation":"r-9"}', cut: false },
    headers: {},
    depth: 0,
    visits: [
      {
        node: "reserve",
        state: "done",
        at: 1_000_000,
        endedAt: 1_000_900,
        port: "out",
        effect: "done",
        attempt: 2,
        output: { text: '"r-9"', cut: false },
        undo: {
          state: "retrying",
          attempt: 1,
          at: 1_002_000,
          dueAt: 1_063_000,
          cause: { code: "http-timeout", message: "The endpoint did not answer in time." },
        },
        attempts: [
          {
            side: "action",
            number: 1,
            at: 1_000_000,
            endedAt: 1_000_100,
            request: "POST /reservations",
            cause: { code: "http-status", message: "The endpoint answered 503." },
          },
          {
            side: "action",
            number: 2,
            at: 1_000_800,
            endedAt: 1_000_900,
            request: "POST /reservations",
            answer: "200",
          },
          { side: "compensation", number: 1, at: 1_002_000, request: "DELETE /reservations/r-9" },
        ],
      },
      {
        node: "charge",
        from: "reserve",
        state: "failed",
        at: 1_000_900,
        endedAt: 1_001_000,
        effect: "none",
        attempt: 1,
        cause: { code: "http-status", message: "The endpoint answered 402." },
        attempts: [],
      },
    ],
    notes: [{ at: 1_030_000, node: "reserve", by: "Ada", what: "retry" }],
  },
  document: {
    format: "millrace/flow@1",
    name: "place-order",
    nodes: [{ id: "reserve", kind: "saga-step", config: {} }],
    edges: [],
  },
  may: {
    cancel: { ok: false, why: "The saga is being undone already." },
    nodes: { reserve: { retry: { ok: true }, skip: { ok: false, why: "This needs the role operator." } } },
  },
  parent: null,
  children: [],
  related: [],
};

const missing = (code: string) => ({
  query: async () => {
    const shape = { message: "There is none.", code: -32_004, data: { problem: { code, message: "There is none." } } };
    throw TRPCClientError.from({ error: shape } as never);
  },
});
const found = (value: unknown) => ({ query: async () => value });

describe("sagas", () => {
  it("lists them with where they stand, and counts them over all versions", async () => {
    const asked: unknown[] = [];
    const list = {
      query: async (filter: unknown) => {
        asked.push(filter);
        return { sagas: [summary, ended], more: false, unseen: null };
      },
    };
    const line = ["sagas", "place-order", "--status", "compensating", "--status", "asking", "--step", "reserve"];
    const { code, out } = await runLine(line, { sagas: { list, counts: found({ groups: counts, unseen: null }) } });
    expect(code).toBe(0);
    expect(asked).toEqual([{ flow: "place-order", limit: 20, status: ["compensating", "asking"], step: "reserve" }]);
    expect(out).toMatchInlineSnapshot(`
      "ID                                    STATUS        KEY    STANDS AT  VERSION  BEGAN        TOOK  ERROR
      8f6f1a52-55b7-8a0c-9d0e-2a35c7f0a001  compensating  o-123  reserve          3  1 min ago          charge: The endpoint answered 402.
      8f6f1a52-55b7-8a0c-9d0e-2a35c7f0a002  completed     o-122                   3  1 min ago  250 ms

      place-order has 43 sagas: 2 compensating, 41 completed.
      "
    `);
  });

  it("says so when there are none, and refuses an unknown state", async () => {
    const none = {
      sagas: { list: found({ sagas: [], more: false, unseen: null }), counts: found({ groups: [], unseen: null }) },
    };
    expect((await runLine(["sagas", "place-order"], none)).out).toBe("place-order has no saga.\n");
    const unseen = "Sagas that rest in the Redis of “queue” are not shown.";
    const hidden = { list: found({ sagas: [], more: false, unseen }), counts: found({ groups: [], unseen: null }) };
    expect(await runLine(["sagas", "place-order"], { sagas: hidden })).toEqual({
      code: 1,
      out: "",
      err: `${unseen}\n`,
    });
    const { code, err } = await runLine(["sagas", "place-order", "--status", "lost"], none);
    expect([code, err]).toEqual([2, expect.stringContaining("--status takes one of running, waiting")]);
  });
});

describe("saga", () => {
  it("tells steps, attempts and compensations in order, and what can be done", async () => {
    const { out } = await runLine(["saga", id], { sagas: { get: found(view) } });
    expect(out).toMatchInlineSnapshot(`
      "8f6f1a52-55b7-8a0c-9d0e-2a35c7f0a001  compensating
      place-order v3, begin, key o-123
      began 1970-01-01T00:16:40.000Z, 1 min ago, looked at again in 3.0 s
      stands at reserve
      it goes back (charge): The endpoint answered 402. (http-status)

      reserve  done  900 ms, attempt 2  (saga-step)
        action 1  1970-01-01T00:16:40.000Z  100 ms
            → POST /reservations
            The endpoint answered 503. (http-status)
        action 2  1970-01-01T00:16:40.800Z  100 ms
            → POST /reservations
            ← 200
        output  "r-9"
        compensation  retrying, due in 3.0 s
          The endpoint did not answer in time. (http-timeout)
        compensation 1  1970-01-01T00:16:42.000Z  under way
            → DELETE /reservations/r-9

      charge  failed  100 ms
        The endpoint answered 402. (http-status)

      undone in this order: reserve (retrying)

      1970-01-01T00:17:10.000Z  retry at reserve by Ada

      body  {"id":"o-123","reservation":"r-9"}

      what can be done:
        saga retry 8f6f1a52-55b7-8a0c-9d0e-2a35c7f0a001 reserve
        saga skip 8f6f1a52-55b7-8a0c-9d0e-2a35c7f0a001 reserve --reason …: This needs the role operator.
      "
    `);
  });

  it("prints one document with --json", async () => {
    const { out } = await runLine(["saga", id, "--json"], { sagas: { get: found(view) } });
    expect(JSON.parse(out)).toMatchObject({ id, status: "compensating", state: { visits: [{ node: "reserve" }, {}] } });
  });

  const answer = (acted: SagaActed[], asked: unknown[] = []) => ({
    sagas: {
      act: {
        mutate: async (request: unknown) => {
          asked.push(request);
          return acted;
        },
      },
    },
  });

  it.each([
    [["retry", id], { ids: [id], action: "retry" }],
    [["retry", id, "reserve"], { ids: [id], action: "retry", node: "reserve" }],
    [["skip", id, "reserve", "--reason", "by hand"], { ids: [id], action: "skip", node: "reserve", reason: "by hand" }],
    [
      ["complete", id, "reserve", "--result", '{"id":1}'],
      { ids: [id], action: "complete", node: "reserve", result: '{"id":1}' },
    ],
    [["approve", id, "--id", other], { ids: [id, other], action: "approve" }],
    [["cancel", id, "--reason", "no stock"], { ids: [id], action: "cancel", reason: "no stock" }],
  ])("%j asks for exactly that", async (line, expected) => {
    const asked: unknown[] = [];
    const { code, out } = await runLine(
      ["saga", ...line],
      answer([{ id, ok: true, status: "running", nodes: ["reserve"] }], asked),
    );
    expect([code, asked]).toEqual([0, [expected]]);
    expect(out).toContain("at reserve; it is running.");
  });

  it("fails with the words of a refusal; of several the others are done", async () => {
    const refused = { id: other, ok: false as const, code: "saga-act-late", message: "The saga is past its pivot." };
    const one = await runLine(["saga", "cancel", other, "--reason", "r"], answer([refused]));
    expect(one).toEqual({ code: 1, out: "", err: `${other}: The saga is past its pivot. (saga-act-late)\n` });
    const acted: SagaActed[] = [{ id, ok: true, status: "compensating", nodes: [] }, refused];
    const both = await runLine(["saga", "cancel", id, "--id", other, "--reason", "r"], answer(acted));
    expect(both.code).toBe(1);
    expect(both.out).toContain(`${id}: cancelled; it is compensating.\n`);
    expect(both.err).toBe("1 of 2 refused.\n");
  });

  it.each([
    [["saga", "skip", id], "takes a --reason"],
    [["saga", "cancel", id, "--reason", " "], "takes a --reason"],
    [["saga", "retry"], "Say which saga."],
    [["saga", "explode", id], "“explode” is none of retry, skip"],
    [["saga", "retry", id, "--result", "1"], "--result goes with complete"],
  ])("%j is refused with how it is written", async (line, words) => {
    const { code, err } = await runLine(line, answer([]));
    expect(code).toBe(2);
    expect(err).toContain(words);
  });
});

describe("runs and run", () => {
  it("mention the sagas of the flow", async () => {
    const client = {
      runs: { list: found({ runs: [], more: false }) },
      sagas: { counts: found({ groups: counts, unseen: null }) },
    };
    expect((await runLine(["runs", "place-order"], client)).out).toContain(
      "place-order has 43 sagas: 2 compensating, 41 completed. `sagas place-order` lists them.",
    );
  });

  it("show a saga when the id is one, and say that there is no run when it is none", async () => {
    const runs = { get: missing("run-missing") };
    const { out } = await runLine(["run", id], { runs, sagas: { get: found(view) } });
    expect(out).toContain(`${id}  compensating\n`);
    const none = await runLine(["run", id], { runs, sagas: { get: missing("saga-missing") } });
    expect([none.code, none.err]).toEqual([1, "There is none. (run-missing)\n"]);
  });
});
