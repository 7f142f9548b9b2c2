import { describe, expect, it } from "vitest";
import { answering, runLine } from "./testing";

const id = "8f6f1a52-55b7-8a0c-9d0e-2a35c7f0a001";
const steps = [
  { node: "in", in: null },
  { node: "price", in: 0 },
  { node: "price", in: 0 },
  { node: "bill", in: 1 },
  { node: "bill", in: 2 },
];
const sent = { letter: "l-1", redrive: "r-1", flow: "orders", node: "price", version: 3 };

function pretend(asked: unknown[] = [], again: object = {}) {
  const told = { ran: 2, now: 3, running: true, repeat: "“Bill” will have it twice.", notes: [], why: null, ...again };
  return {
    runs: { get: answering({ detail: { steps } }), sendFrom: answering(sent, asked), again: answering(told, asked) },
    redrives: {
      get: answering({
        id: "r-1",
        state: "done",
        sent: 0,
        asked: 1,
        failedAgain: 1,
        refused: 0,
        createdAt: new Date(0),
      }),
    },
  };
}

describe("send-from", () => {
  it.each([
    [["price"], { id, step: 1 }],
    [["2"], { id, step: 2 }],
    [["4", "--body", "mended.json"], { id, step: 4, edit: { value: '{"a":1}', encoding: "text" } }],
  ])("%j sends exactly that", async (line, expected) => {
    const asked: unknown[] = [];
    const { code, out } = await runLine(["send-from", id, ...line], pretend(asked), {
      readFile: async () => '{"a":1}',
    });
    expect([code, asked]).toEqual([0, [expected]]);
    expect(out).toBe("On its way to price of orders v3. Its run: find l-1\n");
  });

  it("prints one document with --json", async () => {
    const { out } = await runLine(["send-from", id, "price", "--json"], pretend());
    expect(JSON.parse(out)).toEqual(sent);
  });

  it("asks which where a node was given several messages, and names the steps where there is none such", async () => {
    const several = await runLine(["send-from", id, "bill"], pretend());
    expect(several).toMatchObject({ code: 1, err: expect.stringContaining("say which step, 3 or 4") });
    const none = await runLine(["send-from", id, "tax"], pretend());
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining("It has in, price and bill.") });
  });

  it("says on a dry run what may happen twice, or why it cannot be, and sends nothing", async () => {
    const asked: unknown[] = [];
    const { code, out } = await runLine(["send-from", id, "price", "--dry-run"], pretend(asked));
    expect([code, asked]).toEqual([0, [{ id, step: 1 }]]);
    expect(out).toContain("Version 3 works it; the run was of version 2.\n“Bill” will have it twice.");
    const refused = await runLine(
      ["send-from", id, "price", "--dry-run"],
      pretend([], { why: "The flow is deleted." }),
    );
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("The flow is deleted.") });
  });

  it("waits for its end, and fails when it failed again", async () => {
    const { code, err } = await runLine(["send-from", id, "price", "--wait", "5"], pretend());
    expect([code, err]).toEqual([1, "1 dead letter failed again or could not be sent.\n"]);
  });
});
