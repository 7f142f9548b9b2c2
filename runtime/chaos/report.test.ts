import { expect, it } from "vitest";
import type { CellReport } from "./cell";
import { describeSummary } from "./report";

const good: CellReport = {
  cell: "kafka-route/at-least-once/worker-kill",
  seed: 5,
  messages: 1_000,
  faults: 3,
  sinks: [
    {
      sink: "topic",
      ordered: true,
      mayDouble: 900,
      wanted: 800,
      arrived: 812,
      lost: [],
      doubled: 12,
      doubledIds: [],
      foreign: [],
      disordered: [],
    },
  ],
  longestSilenceMs: 2_500,
  backMs: 1_200,
  settledMs: 300,
  peakMemoryMiB: 200,
  workers: 2,
  tookMs: 20_000,
  violations: [],
  log: "",
};
const bad: CellReport = {
  ...good,
  cell: "kafka-split/at-least-once/redeploy",
  seed: 6,
  violations: ["topic: 1 lost (7)"],
};
const summary = { seed: 4, beganAt: "2030-01-01T00:00:00.000Z", tookMs: 40_000, cases: [], left: [] };

it("says how many messages and faults, and each cell's figures", () => {
  const text = describeSummary({ ...summary, cells: [good] });
  expect(text).toContain("Seed 4");
  expect(text).toContain("1,000 messages, 3 faults; nothing wrong");
  expect(text).toContain(
    "| kafka-route/at-least-once/worker-kill | 1000 | 3 | 0 | 12 (900) | 0 | 2.5 s | 1.2 s | 0.3 s | 200 MiB |",
  );
});

it("says what went wrong, how to have it again, and what was left out", () => {
  const left = [{ cell: "kafka-http/at-least-once/clock-jump", why: "libfaketime is not installed" }];
  const text = describeSummary({ ...summary, cells: [good, bad], left });
  expect(text).toContain("**1 with violations**");
  expect(text).toContain("--cell-seed 6 --only kafka-split/at-least-once/redeploy");
  expect(describeSummary({ ...summary, atLeast: 9, cells: [bad] })).toContain("--cell-seed 6 --messages 9 --only");
  expect(text).toContain("- topic: 1 lost (7)");
  expect(text).toContain("- kafka-http/at-least-once/clock-jump: libfaketime is not installed");
});
