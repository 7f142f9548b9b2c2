import { describe, expect, it } from "vitest";
import type { AuditView } from "../server/views";
import { runLine } from "./testing";

const now = Date.UTC(2026, 10, 27, 12);
const entries: AuditView[] = [1, 2, 3].map((minutes) => ({
  id: `${minutes}`,
  at: new Date(now - minutes * 60_000),
  actor: "ada@example.org",
  action: "flow.save",
  object: `flow-${minutes}`,
  detail: { revision: minutes },
}));

/** Answers two entries at a time, whatever is asked for. */
async function run(line: readonly string[]) {
  const asked: Record<string, unknown>[] = [];
  const list = async (input: { before?: Date; limit: number }) => {
    asked.push(input);
    const left = entries.filter(({ at }) => !input.before || at < input.before);
    const items = left.slice(0, Math.min(2, input.limit));
    return { items, more: left.length > items.length };
  };
  return { ...(await runLine(line, { audit: { list: { query: list } } }, { now: () => now })), asked };
}

describe("audit", () => {
  it("walks the pages, and gives one document", async () => {
    const { code, out, asked } = await run(["audit", "--json", "--since", "24h", "--person", "ada@example.org"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ items: [{ id: "1" }, { id: "2" }, { id: "3" }], more: false });
    expect(asked).toEqual([
      { actor: "ada@example.org", after: new Date(now - 86_400_000), limit: 100 },
      { actor: "ada@example.org", after: new Date(now - 86_400_000), before: entries[1]!.at, beforeId: "2", limit: 98 },
    ]);
  });

  it("says that there are more than were asked for", async () => {
    const { out } = await run(["audit", "--limit", "1"]);
    expect(out).toContain("flow-1");
    expect(out).not.toContain("flow-2");
    expect(out).toContain("There are more: --limit");
  });

  it("refuses a time that is none", async () => {
    const { code, err } = await run(["audit", "--since", "soon"]);
    expect(code).not.toBe(0);
    expect(err).toContain("not “soon”");
  });
});
