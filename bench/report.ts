import { compare, findSide, type Goal, judge } from "./goals";
import type { CaseResult, Circumstances, ProfileResult, Results, SideResult } from "./results";
import { findMedian, spreadOf } from "./statistics";

/** A run as Markdown. */
export function writeReport(results: Results): string {
  const cases = Object.entries(results.cases).map(
    ([name, result]) => `## ${result.title} (\`${name}\`)\n\n${result.about}\n\n${tableOfSides(result)}`,
  );
  const profiles = Object.entries(results.profiles).map(
    ([name, profile]) => `## Profile of \`${name}\`\n\n${tableOfProfile(profile)}`,
  );
  const goals = judge(results);
  const parts = [
    "# Benchmark",
    describeCircumstances(results),
    ...cases,
    ...(goals.length > 0 ? [`## Goals\n\n${tableOfGoals(goals)}`] : []),
    ...profiles,
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Where and when, said once for all cases that share it. */
export function describeCircumstances({ cases, profiles, sagas, canvas, inspect }: Results): string {
  const groups = new Map<string, { names: string[]; circumstances: Circumstances }>();
  const entries = [
    ...(sagas ? [["sagas", sagas] as const] : []),
    ...(canvas ? [["canvas", canvas] as const] : []),
    ...(inspect ? [["inspect", inspect] as const] : []),
    ...Object.entries(cases),
    ...Object.entries(profiles).map(([name, profile]) => [`profile of ${name}`, profile] as const),
  ];
  for (const [name, { circumstances }] of entries) {
    const { at, ...rest } = circumstances;
    const key = JSON.stringify([at.slice(0, 10), rest]);
    const group = groups.get(key);
    if (group) group.names.push(name);
    else groups.set(key, { names: [name], circumstances });
  }
  return [...groups.values()]
    .map(({ names, circumstances }) =>
      groups.size === 1
        ? describeOne(circumstances)
        : `${describeOne(circumstances)} This holds for: ${names.join(", ")}.`,
    )
    .join("\n\n");
}

function describeOne({ at, commit, machine, versions, seconds, rounds }: Circumstances): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Measured on ${at.slice(0, 10)} at commit ${commit}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, everything on this one machine. ${list.join(" · ")}. ${rounds} rounds of ${seconds} s.`;
}

function tableOfSides({ sides }: CaseResult): string {
  if (sides.some(({ p50Ms }) => p50Ms.length > 0)) return tableOfDelays(sides);
  return writeTable(
    ["side", "messages/s", "least to most", "× the first", "µs of its processes", "µs of the machine", "most MB"],
    sides.map((side) =>
      side.perSecond.length === 0
        ? [side.label, `– (${side.failed ?? "not measured"})`, "", "", "", "", ""]
        : [
            side.failed ? `${side.label} (stopped: ${side.failed})` : side.label,
            showCount(findMedian(side.perSecond)),
            showRange(side.perSecond),
            showRatio(side, sides[0]),
            showMiddle(side.ownUs),
            showMiddle(side.machineUs),
            showPeak(side),
          ],
    ),
  );
}

function tableOfDelays(sides: readonly SideResult[]): string {
  return writeTable(
    ["side", "p50 ms", "least to most", "p99 ms", "least to most", "most MB"],
    sides.map((side) => [
      side.p50Ms.length === 0 ? `${side.label} (${side.failed ?? "not measured"})` : side.label,
      showMiddle(side.p50Ms),
      showSpread(side.p50Ms),
      showMiddle(side.p99Ms),
      showSpread(side.p99Ms),
      showPeak(side),
    ]),
  );
}

export function tableOfGoals(goals: readonly Goal[]): string {
  return writeTable(
    ["case", "goal", "wanted", "measured", ""],
    goals.map(({ case: name, what, wanted, measured, met }) => [
      `\`${name}\``,
      what,
      wanted,
      measured,
      met ? "met" : "**missed**",
    ]),
  );
}

/** All cases that compare a flow with a loop by hand, a line each. */
export function tableOfCases({ cases }: Results): string | undefined {
  const rows = Object.entries(cases).flatMap(([name, result]) => {
    const [flow, kafka, seam] = ["flow", "stock", "seam"].map((side) => findSide(result, side));
    // What has nothing to do with Kafka has one loop by hand.
    const stock = kafka ?? findSide(result, "hand");
    if (!flow || !stock || stock.perSecond.length === 0) return [];
    return [
      [
        `${result.title} (\`${name}\`)`,
        showRate(stock),
        showRate(seam),
        showRate(flow),
        showRatio(flow, stock),
        showRatio(flow, seam),
        showPeak(flow),
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  return writeTable(
    [
      "case",
      "by hand, stock clients /s",
      "by hand, same seam /s",
      "flow /s",
      "÷ stock",
      "÷ same seam",
      "worker, most MB",
    ],
    rows,
  );
}

export function tableOfCase({ cases }: Results, name: string): string | undefined {
  const result = cases[name];
  return result && `${result.about}\n\n${tableOfSides(result)}`;
}

export function tableOfProfile({ perSecond, groups }: ProfileResult): string {
  const total = groups.reduce((sum, { us }) => sum + us, 0);
  const rows = groups.map(({ name, us, functions }) => [
    name,
    us.toFixed(2),
    `${((us / total) * 100).toFixed(0)} %`,
    functions.map((each) => `\`${each.name}\` ${each.us.toFixed(2)}`).join(", "),
  ]);
  const intro = `${showCount(perSecond)} messages a second while it was profiled; ${total.toFixed(2)} µs of the worker's main thread for a message.`;
  return `${intro}\n\n${writeTable(["where", "µs a message", "share", "most of it"], rows)}`;
}

export function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const isNumber = (column: number) => rows.every((cells) => /^([\d–]|$)/.test(cells[column] ?? ""));
  return [
    line(head),
    line(head.map((_, column) => (column > 0 && isNumber(column) ? "---:" : "---"))),
    ...rows.map(line),
  ].join("\n");
}

export const showCount = (value: number) => Math.round(value).toLocaleString("en");
export const showMiddle = (values: readonly number[]) => (values.length > 0 ? findMedian(values).toFixed(1) : "–");

function showRange(values: readonly number[]): string {
  const { min, max } = spreadOf(values);
  return `${showCount(min)} to ${showCount(max)}`;
}

function showSpread(values: readonly number[]): string {
  if (values.length === 0) return "–";
  const { min, max } = spreadOf(values);
  return `${min.toFixed(1)} to ${max.toFixed(1)}`;
}

function showRate(side: SideResult | undefined): string {
  return side && side.perSecond.length > 0
    ? `${showCount(findMedian(side.perSecond))} (${showRange(side.perSecond)})`
    : "–";
}

function showRatio(side: SideResult | undefined, other: SideResult | undefined): string {
  const ratios = compare(side, other);
  return ratios && side !== other ? ratios.median.toFixed(2) : "–";
}

function showPeak({ memoryMb }: SideResult): string {
  return memoryMb.length > 0 ? showCount(Math.max(...memoryMb)) : "–";
}
