import type { CellReport } from "./cell";

/** What a run says: Markdown for people; the reports themselves are the JSON. */
export interface Summary {
  readonly seed: number;
  readonly beganAt: string;
  readonly tookMs: number;
  /** What `--messages` said. */
  readonly atLeast?: number;
  readonly cells: readonly CellReport[];
  readonly cases: readonly CaseReport[];
  /** Cells for which no time was left, and those that this machine cannot run, with why. */
  readonly left: readonly { readonly cell: string; readonly why: string }[];
}

export interface CaseReport {
  readonly name: string;
  readonly seed: number;
  readonly title: string;
  readonly figures: Readonly<Record<string, string | number>>;
  readonly violations: readonly string[];
  readonly tookMs: number;
  readonly log: string;
}

export function describeSummary({ seed, beganAt, tookMs, atLeast, cells, cases, left }: Summary): string {
  const wrong = [...cells.map((each) => ({ name: each.cell, ...each })), ...cases].filter(
    ({ violations }) => violations.length > 0,
  );
  const messages = cells.reduce((sum, cell) => sum + cell.messages, 0);
  const lines = [
    "# Chaos",
    "",
    `Seed ${seed}, ${beganAt}, ${Math.round(tookMs / 1_000)} s. ${cells.length} cells, ${messages.toLocaleString("en")} messages, ${sum(cells, ({ faults }) => faults)} faults; ${wrong.length === 0 ? "nothing wrong" : `**${wrong.length} with violations**`}.`,
    "",
  ];
  if (cells.length > 0) {
    lines.push(`Faults by kind: ${[...countFaults(cells)].map(([fault, count]) => `${fault} ${count}`).join(", ")}.`);
    lines.push("", ...describeCells(cells), "");
  }
  for (const each of cases) lines.push(...describeCase(each), "");
  if (wrong.length > 0) lines.push("## Violations", "");
  const messagesFlag = atLeast ? ` --messages ${atLeast}` : "";
  for (const { name, seed: own, violations } of wrong) {
    lines.push(`**${name}**, again by \`npm run test:chaos -- --cell-seed ${own}${messagesFlag} --only ${name}\``, "");
    lines.push(...violations.map((violation) => `- ${violation}`), "");
  }
  if (left.length > 0) {
    lines.push(`## Left out: ${left.length}`, "");
    lines.push(...left.map(({ cell, why }) => `- ${cell}: ${why}`), "");
  }
  return lines.join("\n");
}

function describeCells(cells: readonly CellReport[]): string[] {
  const head =
    "| flow / semantics / fault | messages | faults | lost | doubled (bound) | order broken | longest silence | back after | settled after | memory peak |";
  const rows = [...cells]
    .sort((a, b) => a.cell.localeCompare(b.cell))
    .map(({ cell, messages, faults, sinks, longestSilenceMs, backMs, settledMs, peakMemoryMiB, violations }) => {
      const doubled = sum(sinks, (sink) => sink.doubled);
      const mayDouble = sum(sinks, (sink) => sink.mayDouble);
      const columns = [
        violations.length > 0 ? `**${cell}**` : cell,
        messages,
        faults,
        sum(sinks, (sink) => sink.lost.length),
        `${doubled} (${mayDouble})`,
        sum(sinks, (sink) => (sink.ordered ? sink.disordered.length : 0)),
        inSeconds(longestSilenceMs),
        inSeconds(backMs),
        settledMs === null ? "never" : inSeconds(settledMs),
        `${peakMemoryMiB} MiB`,
      ];
      return `| ${columns.join(" | ")} |`;
    });
  return [head, `|---|${"---:|".repeat(9)}`, ...rows];
}

function describeCase({ name, title, figures, violations, tookMs }: CaseReport): string[] {
  return [
    `## ${name}: ${title}`,
    "",
    ...Object.entries(figures).map(([figure, value]) => `- ${figure}: ${value}`),
    `- took ${inSeconds(tookMs)}; ${violations.length === 0 ? "nothing wrong" : `${violations.length} violations`}`,
  ];
}

function countFaults(cells: readonly CellReport[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { cell, faults } of cells) {
    const fault = cell.split("/")[2]!;
    counts.set(fault, (counts.get(fault) ?? 0) + faults);
  }
  return counts;
}

function sum<T>(list: readonly T[], of: (each: T) => number): number {
  return list.reduce((total, each) => total + of(each), 0);
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
