import { collectDefaultMetrics, Registry } from "prom-client";
import { type MetricSample, sampleDeployment, workerMetrics, writeMetrics } from "../flow/metrics";
import type { Deployment } from "./deployment";
import type { WorkerIdentity } from "./stores/presence";

/** How often the event loop's delay is looked at: each look wakes the process. */
export const eventLoopLookMs = 50;

/** What this worker tells at `/metrics`: its flows as they stand when asked, and the process itself (Node's usual figures). */
export class WorkerMetrics {
  readonly #process = new Registry();

  constructor(
    readonly worker: Omit<WorkerIdentity, "address">,
    readonly deployments: () => Iterable<Pick<Deployment, "flow" | "live">>,
    /** `undefined`: none are exported. */
    readonly spansDropped: () => number | undefined,
  ) {
    collectDefaultMetrics({ register: this.#process, eventLoopMonitoringPrecision: eventLoopLookMs });
  }

  /** In Prometheus's text format. */
  async read(): Promise<string> {
    return `${writeMetrics(this.sample())}\n${await this.#process.metrics()}`;
  }

  /** What it tells of its flows, and who it is. */
  sample(): MetricSample[] {
    const { id, label, version, environment } = this.worker;
    const samples: MetricSample[] = [
      { family: workerMetrics.worker, labels: { worker: id, label: label ?? "", version, environment }, value: 1 },
    ];
    const dropped = this.spansDropped();
    if (dropped !== undefined) samples.push({ family: workerMetrics.spansDropped, labels: {}, value: dropped });
    for (const deployment of this.deployments()) samples.push(...sampleDeployment(deployment.flow, deployment.live()));
    return samples;
  }
}
