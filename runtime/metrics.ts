import { collectDefaultMetrics, Registry } from "prom-client";
import { type MetricSample, sampleDeployment, workerMetrics, writeMetrics } from "../flow/metrics";
import type { Deployment } from "./deployment";
import type { WorkerIdentity } from "./stores/presence";

/** What this worker tells at `/metrics`: its flows as they stand when asked, and the process itself (Node's usual figures). */
export class WorkerMetrics {
  readonly #process = new Registry();

  constructor(
    readonly worker: Omit<WorkerIdentity, "address">,
    readonly deployments: () => Iterable<Pick<Deployment, "flow" | "live">>,
  ) {
    collectDefaultMetrics({ register: this.#process });
  }

  /** In Prometheus's text format. */
  async read(): Promise<string> {
    const { id, label, version, environment } = this.worker;
    const samples: MetricSample[] = [
      { family: workerMetrics.worker, labels: { worker: id, label: label ?? "", version, environment }, value: 1 },
    ];
    for (const deployment of this.deployments()) samples.push(...sampleDeployment(deployment.flow, deployment.live()));
    return `${writeMetrics(samples)}\n${await this.#process.metrics()}`;
  }
}
