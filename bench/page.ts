import { tableOfCanvas } from "./canvas/report";
import { findSide, judge } from "./goals";
import { tableOfInspect } from "./inspect/report";
import {
  describeCircumstances,
  showCount,
  tableOfCase,
  tableOfCases,
  tableOfGoals,
  tableOfProfile,
  writeTable,
} from "./report";
import type { Results } from "./results";
import { tableOfSagas } from "./sagas/report";
import { findMedian } from "./statistics";

/** What stands in the places of docs/performance.md, by the place's name; undefined when it was not measured. */
const places: Readonly<Record<string, (results: Results) => string | undefined>> = {
  circumstances: (results) => describeCircumstances(results) || undefined,
  cases: tableOfCases,
  goals(results) {
    const goals = judge(results);
    return goals.length > 0 ? tableOfGoals(goals) : undefined;
  },
  latency: (results) => tableOfCase(results, "latency"),
  "latency-brokers": (results) => tableOfCase(results, "latency-brokers"),
  brokers: (results) => tableOfCase(results, "brokers"),
  "across-brokers": (results) => tableOfCase(results, "across-brokers"),
  recorder: (results) => tableOfCase(results, "recorder"),
  scaling: (results) => tableOfCase(results, "scaling"),
  "node-red": (results) => tableOfCase(results, "node-red"),
  profiles({ profiles }) {
    const parts = Object.entries(profiles).map(([name, profile]) => `**\`${name}\`**: ${tableOfProfile(profile)}`);
    return parts.length > 0 ? parts.join("\n\n") : undefined;
  },
  sagas: ({ sagas }) => sagas && tableOfSagas(sagas),
  canvas: ({ canvas }) => canvas && tableOfCanvas(canvas),
  inspect: ({ inspect }) => inspect && tableOfInspect(inspect),
  million: tableOfMillion,
};

const place = /<!-- measured: ([a-z-]+) -->\n[\s\S]*?<!-- \/measured -->/g;
const nothing = "*Not measured yet.*";

/** Fills the places of a page (`<!-- measured: NAME -->` … `<!-- /measured -->`). @throws Error at a place that nobody knows */
export function fillPage(page: string, results: Results): string {
  return page.replace(place, (_, name: string) => {
    const write = places[name];
    if (!write) throw new Error(`There is no place "${name}". There are: ${Object.keys(places).join(", ")}.`);
    return `<!-- measured: ${name} -->\n${write(results) ?? nothing}\n<!-- /measured -->`;
  });
}

const target = 1_000_000;
const projected = ["untouched", "filter-key", "filter-body", "map", "switch", "exactly-once"];

/** One microsecond of processor time for each message is one core at a million messages a second. */
function tableOfMillion({ cases }: Results): string | undefined {
  const rows = projected.flatMap((name) => {
    const flow = findSide(cases[name], "flow");
    if (!flow || flow.perSecond.length === 0 || flow.ownUs.length === 0 || flow.machineUs.length === 0) return [];
    const [rate, own, machine] = [flow.perSecond, flow.ownUs, flow.machineUs].map(findMedian) as [
      number,
      number,
      number,
    ];
    return [
      [
        cases[name]!.title,
        showCount(rate),
        String(Math.ceil(target / rate)),
        own.toFixed(1),
        own.toFixed(1),
        (machine - own).toFixed(1),
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  const head = [
    "flow",
    "one worker, messages/s",
    "workers",
    "µs of a worker a message",
    "cores for the workers",
    "cores for the broker and all else",
  ];
  return writeTable(head, rows);
}
