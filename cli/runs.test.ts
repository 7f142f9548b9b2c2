import { describe, expect, it } from "vitest";
import type { FoundBy } from "../flow/run-search";
import type { RunSummary } from "../server/views";
import { runLine } from "./testing";

const now = Date.UTC(2026, 10, 27, 12);
const kept = (id: string, foundBy: FoundBy[], change: Partial<RunSummary> = {}): RunSummary => ({
  ...{ id, flow: "orders", version: 2, state: "done", key: "4711", source: "in", lane: "orders/0", position: "1" },
  ...{ startedAt: new Date(now - 60_000), durationMs: 3, attempts: 1, traceId: "t", workerId: "w" },
  ...{ errorNode: null, error: null, foundBy },
  ...change,
});

async function run(line: readonly string[], runs: RunSummary[] = [], more = false) {
  const asked: Record<string, unknown>[] = [];
  const list = async (input: Record<string, unknown>) => {
    asked.push(input);
    return { runs, more };
  };
  const elsewhere = async () => ({ sagas: 0, deadLetters: 0, deadLetter: null, parked: 0 });
  const counts = async () => ({ groups: [] });
  const client = {
    runs: { list: { query: list }, elsewhere: { query: elsewhere } },
    sagas: { counts: { query: counts } },
  };
  return { ...(await runLine(line, client, { now: () => now })), asked };
}

const narrowed = [
  ...["--flow", "orders", "--version", "3", "--node", "tax", "--state", "dead,failed", "--state", "parked"],
  ...["--since", "2h", "--until", "2026-11-27T11:30:00Z", "--longer", "50", "--attempts", "2", "--limit", "7"],
];
const filter = {
  ...{ flow: "orders", version: 3, node: "tax", state: ["dead", "failed", "parked"], longerMs: 50, attempts: 2 },
  ...{ since: new Date(now - 7_200_000), until: new Date(now - 1_800_000), limit: 7 },
};

describe("find and runs", () => {
  it("narrow by the same options", async () => {
    expect((await run(["find", "4711", ...narrowed])).asked).toEqual([{ ...filter, text: "4711" }]);
    const listed = await run(["runs", ...narrowed, "--key", "c-1", "--find", "503"]);
    expect(listed.asked).toEqual([{ ...filter, key: "c-1", text: "503" }]);
  });

  it("are of all flows, or of one that is named either way", async () => {
    expect((await run(["runs"])).asked).toEqual([{ limit: 20 }]);
    expect((await run(["runs", "orders", "--failed"])).asked).toEqual([
      { flow: "orders", state: ["failed", "dead"], limit: 20 },
    ]);
    expect((await run(["runs", "orders", "--flow", "other"])).err).toContain("are two flows: name one");
  });

  it("tell by what each was found when it was by several", async () => {
    const found = [
      kept("r1", [{ by: "key" }, { by: "value", name: "body.order" }]),
      kept("r2", [{ by: "error" }], { error: "No 4711.", errorNode: "tax" }),
    ];
    const { out } = await run(["find", "4711"], found, true);
    expect(out).toContain("key, order");
    expect(out).toContain("1+ by words of an error");
    expect(out).toContain("There are more: --limit");
    expect((await run(["find", "4711"], [kept("r1", [{ by: "key" }])])).out).not.toContain("found by");
  });

  it("print one document", async () => {
    const { out } = await run(["find", "4711", "--json"], [kept("r1", [{ by: "key" }])]);
    expect(JSON.parse(out)).toMatchObject({
      runs: [{ id: "r1", foundBy: [{ by: "key" }] }],
      more: false,
      elsewhere: { sagas: 0 },
    });
    expect(JSON.parse((await run(["runs", "--json"])).out)).toEqual({ runs: [], more: false });
  });

  it.each([
    [["--state", "lost"], "--state takes one or more of done, dropped, parked, failed, dead, not “lost”."],
    [["--state", "dead", "--failed"], "give one of them"],
    [["--since", "soon"], "--since takes a length of time before now"],
    [["--since", "1h", "--until", "2h"], "--since is not before --until"],
    [["--version", "x"], "--version takes a whole number"],
    [["--limit", "900"], "--limit takes a whole number from 1 to 200"],
  ])("refuse %j", async (line, words) => {
    const { code, err } = await run(["find", "4711", ...line]);
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
  });
});
