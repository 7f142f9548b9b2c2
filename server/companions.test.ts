import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Companions } from "./companions";
import { joinStreams } from "./join-streams";
import type { LiveEvent } from "./views";

const ada = { id: "ada", name: "Ada" };
const grace = { id: "grace", name: "Grace" };
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listen(board: Companions, me: { id: string }, tab: string) {
  const end = new AbortController();
  const events: LiveEvent[] = [];
  const done = (async () => {
    for await (const event of board.watch(me, tab, end.signal)) events.push(event);
  })();
  const seen = () => {
    const last = events.findLast((event) => event.type === "present");
    return last?.type === "present" ? last.tabs.map(({ name, node }) => [name, node]) : [];
  };
  const leave = () => {
    end.abort();
    return done;
  };
  return { events, seen, leave };
}
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("companions", () => {
  it("sees who is there, with what they have chosen, until they are gone for good", async () => {
    const board = new Companions();
    const one = listen(board, ada, "t1");
    const other = listen(board, grace, "t2");
    board.move(ada, { tab: "t1", flow: "orders", node: null });
    board.move(grace, { tab: "t2", flow: "orders", node: "filter" });
    await settle();
    expect(one.seen()).toEqual([
      ["Ada", null],
      ["Grace", "filter"],
    ]);
    await other.leave();
    // A stream that is opened anew at once is the same tab.
    const again = listen(board, grace, "t2");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(one.seen()).toHaveLength(2);
    await again.leave();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(one.seen()).toEqual([["Ada", null]]);
    await one.leave();
  });

  it("lets nobody move a tab of somebody else, and forgets one that never listened", async () => {
    const board = new Companions();
    const one = listen(board, ada, "t1");
    board.move(ada, { tab: "t1", flow: "orders", node: null });
    board.move(grace, { tab: "t1", flow: "orders", node: "x" });
    board.move(grace, { tab: "t9", flow: "orders", node: null });
    await settle();
    expect(one.seen()).toEqual([
      ["Ada", null],
      ["Grace", null],
    ]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(one.seen()).toEqual([["Ada", null]]);
    await one.leave();
  });

  it("tells of saved drafts, the newest of a flow to who is slow", async () => {
    const board = new Companions();
    const one = listen(board, ada, "t1");
    for (const revision of [2, 3]) board.announce({ flow: "orders", revision, by: "Grace", tab: "t2" });
    board.announce({ flow: "other", revision: 9, by: "Grace", tab: null });
    await settle();
    const drafts = one.events.flatMap((event) => (event.type === "draft" ? [[event.flow, event.revision]] : []));
    expect(drafts.slice(-2)).toEqual([
      ["orders", 3],
      ["other", 9],
    ]);
    await one.leave();
  });
});

describe("joined streams", () => {
  it("give the events of all, and end all", async () => {
    let ended = 0;
    async function* count(from: number) {
      try {
        for (let number = from; number < from + 3; number++) yield number;
      } finally {
        ended++;
      }
    }
    const all: number[] = [];
    for await (const number of joinStreams([count(0), count(10)])) all.push(number);
    expect(all.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 10, 11, 12]);
    for await (const _ of joinStreams([count(0), count(10)])) break;
    await settle();
    expect(ended).toBe(4);
  });
});
