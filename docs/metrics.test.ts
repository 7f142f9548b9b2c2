import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { type MetricFamily, webMetrics, workerMetrics } from "@/flow/metrics";

const read = (name: string) => readFile(new URL(name, import.meta.url), "utf8");
const families: MetricFamily[] = [...Object.values(workerMetrics), ...Object.values(webMetrics)];

it("metrics.md has a row for every metric, as it is told", async () => {
  const page = await read("metrics.md");
  for (const { name, type, labels, help } of families)
    expect(page).toContain(`| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`);
});

it("dashboard and page name only metrics that there are, by labels that they have", async () => {
  const dashboard = JSON.parse(await read("grafana/millrace.json")) as { panels: { targets: { expr: string }[] }[] };
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const told = [...expressions, ...(await read("metrics.md")).split("\n")];
  const used = told.flatMap((text) => [...text.matchAll(/(millrace_[a-z_]+)(?:\{([^}]*)\})?/g)]);
  expect(used.length).toBeGreaterThan(families.length);
  const byName = new Map(families.map((family) => [family.name, family]));
  for (const [, name, selector = ""] of used) {
    const family = byName.get(name!);
    expect(family, name).toBeDefined();
    for (const [, label] of selector.matchAll(/([a-z]+)=~?"/g)) expect(family!.labels, name).toContain(label);
  }
  // The dashboard draws most of them.
  const shown = new Set(expressions.flatMap((expr) => expr.match(/millrace_[a-z_]+/g) ?? []));
  expect(shown.size).toBeGreaterThan(15);
});
