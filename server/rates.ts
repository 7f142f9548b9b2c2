import "server-only";
import type { DeploymentLive } from "@/flow/control";
import type { NodeRates } from "./merge-live";

/** Rates are those of the last seconds: long enough to be calm, short enough to follow. */
export const rateWindowMs = 5_000;

interface Sample {
  at: number;
  version: number;
  counts: Map<string, number>;
}

/** Turns totals, as workers report them second by second, into messages per second. */
export class RateMeter {
  readonly #samples = new Map<string, Sample[]>();

  /** Takes one worker's report. `source` names worker and deployment, `at` is the time of the report in milliseconds. */
  add(source: string, at: number, live: DeploymentLive): void {
    const sample: Sample = { at, version: live.version, counts: readCounts(live) };
    const samples = this.#samples.get(source) ?? [];
    const last = samples.at(-1);
    if (last?.at === at) return;
    // A worker that started again, or another version, counts from nothing: what was before says nothing about it.
    const restarted = last !== undefined && (last.version !== sample.version || isBehind(sample, last));
    const kept = restarted ? [] : samples.filter((each) => at - each.at <= rateWindowMs);
    this.#samples.set(source, [...kept, sample]);
  }

  /** Forgets sources that are not named: workers that left, deployments that are gone. */
  keepOnly(sources: ReadonlySet<string>): void {
    for (const source of this.#samples.keys()) if (!sources.has(source)) this.#samples.delete(source);
  }

  /** Rates by node, summed over the sources. Zero while there is one report only. */
  read(sources: readonly string[]): NodeRates {
    const rates: NodeRates = {};
    for (const source of sources) {
      const samples = this.#samples.get(source) ?? [];
      const first = samples[0];
      const last = samples.at(-1);
      if (!first || !last || last.at <= first.at) continue;
      const seconds = (last.at - first.at) / 1000;
      for (const [name, count] of last.counts) {
        const [node = "", port = ""] = name.split("\n");
        const rate = Math.max(0, (count - (first.counts.get(name) ?? 0)) / seconds);
        rates[node] ??= { rateIn: 0, rates: {} };
        const ofNode = rates[node];
        if (port === "") ofNode.rateIn += rate;
        else ofNode.rates[port] = (ofNode.rates[port] ?? 0) + rate;
      }
    }
    return rates;
  }
}

function readCounts(live: DeploymentLive): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [node, { in: count, ports }] of Object.entries(live.nodes)) {
    counts.set(`${node}\n`, count);
    for (const [port, left] of Object.entries(ports)) counts.set(`${node}\n${port}`, left);
  }
  return counts;
}

function isBehind(next: Sample, last: Sample): boolean {
  for (const [name, count] of last.counts) if ((next.counts.get(name) ?? 0) < count) return true;
  return false;
}
