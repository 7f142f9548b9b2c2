import { expect, it } from "vitest";
import { judge } from "./goals";
import { fillPage } from "./page";
import { writeReport } from "./report";
import { type Circumstances, noResults, type Results, type SideResult } from "./results";

const circumstances: Circumstances = {
  at: "2026-11-26T12:00:00.000Z",
  commit: "abc1234",
  machine: { processor: "a processor", cores: 2, memoryGb: 24, system: "Linux 6" },
  versions: { Node: "20.20.2" },
  seconds: 5,
  rounds: 3,
};
const side = (name: string, by: SideResult["by"], values: Partial<SideResult>): SideResult => ({
  name,
  label: name,
  by,
  perSecond: [],
  p50Ms: [],
  p99Ms: [],
  ownUs: [],
  machineUs: [],
  memoryMb: [],
  ...values,
});
const resultsOf = (cases: Record<string, readonly SideResult[]>): Results => ({
  ...noResults,
  cases: Object.fromEntries(
    Object.entries(cases).map(([name, sides]) => [name, { title: name, about: "", circumstances, sides }]),
  ),
});

it("compares sides of the same round, and takes the middle one", () => {
  // The machine was slow in the third round, for both: the ratio does not care.
  const goals = judge(
    resultsOf({
      untouched: [
        side("stock", "hand", { perSecond: [100, 110, 20] }),
        side("seam", "hand", { perSecond: [300, 400, 64] }),
        side("flow", "flow", { perSecond: [310, 352, 58] }),
      ],
    }),
  );
  expect(goals).toMatchObject([
    { what: "flow ÷ loop by hand with kafkajs", measured: "3.1 (2.9 to 3.2)", met: true },
    { what: "flow ÷ loop by hand on the same seam", measured: "0.906 (0.88 to 1.03)", met: true },
  ]);
});

it("tells a missed goal like a met one", () => {
  const results = resultsOf({
    latency: [side("flow", "flow", { p50Ms: [4, 4.5, 7], p99Ms: [20, 30, 40], memoryMb: [150, 310] })],
    recorder: [
      side("off", "flow", { perSecond: [1000, 1000] }),
      side("ten", "flow", { perSecond: [980, 990] }),
      side("all", "flow", { perSecond: [6000, 6000], memoryMb: [100, 120] }),
    ],
  });
  const told = judge(results).map(({ what, measured, met }) => `${what}: ${measured}, ${met}`);
  expect(told).toEqual([
    "p50 from source to sink: 4.5 ms, true",
    "p99 from source to sink: 30 ms, false",
    "10 runs a second ÷ no runs: 0.985 (0.98 to 0.99), true",
    "messages a second with all runs kept: 6,000, true",
    "memory with all runs kept, last round ÷ first: 1.2, false",
    "most memory of a worker: 310 MB, false",
    "most memory of a worker: 120 MB, true",
  ]);
  expect(writeReport(results)).toContain("| **missed** |");
});

it("a side that failed says why, and is compared with nothing", () => {
  const results = resultsOf({
    map: [
      side("stock", "hand", { perSecond: [100], ownUs: [9], machineUs: [12] }),
      side("seam", "hand", { failed: "the broker went away" }),
      side("flow", "flow", { perSecond: [200], ownUs: [4], machineUs: [6] }),
    ],
  });
  const report = writeReport(results);
  expect(report).toContain("| seam | – (the broker went away) |");
  expect(report).toContain("| flow | 200 | 200 to 200 | 2.00 | 4.0 | 6.0 | – |");
  expect(judge(results)).toEqual([]);
});

it("turns processor time into cores at a million messages a second", () => {
  const results = resultsOf({
    map: [side("flow", "flow", { perSecond: [150_000, 160_000], ownUs: [6, 6.4], machineUs: [9, 9.4] })],
  });
  const page = fillPage("<!-- measured: million -->\n<!-- /measured -->", results);
  expect(page).toContain("| map | 155,000 | 7 | 6.2 | 6.2 | 3.0 |");
});
