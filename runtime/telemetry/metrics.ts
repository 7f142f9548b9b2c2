import type { Observable } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { DeploymentLive } from "../../flow/control";
import { type MetricFamily, type MetricSample, workerMetrics } from "../../flow/metrics";
import type { FactsOf } from "./traces";

/** What is measured of a flow. */
export interface Measured {
  readonly flowId: string;
  live(): DeploymentLive;
}

export interface MetricReading {
  /** The worker's own samples, as they are now. */
  readonly read: () => readonly MetricSample[];
  readonly deployments: () => Iterable<Measured>;
  readonly factsOf: FactsOf;
}

const consumed = { name: "messaging.client.consumed.messages", help: "Messages that a source brought." };
const sent = { name: "messaging.client.sent.messages", help: "Messages that a sink was given to write." };

/**
 * Exports the worker's metrics: its own families under the names that Prometheus has them by (dots in place of underscores, without unit and
 * `_total`, which a collector that writes for Prometheus puts back), and the counters of OpenTelemetry's conventions for messaging.
 */
export function exportMetrics(
  exporter: PushMetricExporter,
  resource: Resource,
  everyMs: number,
  { read, deployments, factsOf }: MetricReading,
): MeterProvider {
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: everyMs,
    exportTimeoutMillis: Math.min(everyMs, 30_000),
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter("millrace");
  const instruments = new Map<MetricFamily, Observable>();
  for (const family of Object.values(workerMetrics)) {
    const { name, unit } = toOtelName(family);
    const options = { description: family.help, unit };
    const make = family.type === "counter" ? meter.createObservableCounter : meter.createObservableGauge;
    instruments.set(family, make.call(meter, name, options));
  }
  const messages = { unit: "{message}" };
  const consumedCounter = meter.createObservableCounter(consumed.name, { ...messages, description: consumed.help });
  const sentCounter = meter.createObservableCounter(sent.name, { ...messages, description: sent.help });
  meter.addBatchObservableCallback(
    async (result) => {
      for (const { family, value, labels } of read()) {
        const instrument = instruments.get(family);
        if (instrument) result.observe(instrument, value, labels);
      }
      for (const deployment of deployments()) {
        const live = deployment.live();
        const { nodes } = await factsOf(deployment.flowId, live.version);
        for (const [node, counts] of Object.entries(live.nodes)) {
          const facts = nodes.get(node);
          if (!facts?.system || facts.role === "step") continue;
          const isSource = facts.role === "source";
          result.observe(
            isSource ? consumedCounter : sentCounter,
            isSource ? Object.values(counts.ports).reduce((sum, count) => sum + count, 0) : counts.in,
            {
              "messaging.system": facts.system,
              "messaging.operation.name": isSource ? "process" : "send",
              ...(facts.destination ? { "messaging.destination.name": facts.destination } : {}),
              "millrace.flow.id": deployment.flowId,
              "millrace.flow.version": live.version,
              "millrace.node": node,
            },
          );
        }
      }
    },
    [...instruments.values(), consumedCounter, sentCounter],
  );
  return provider;
}

/** `millrace_node_latency_seconds` → `millrace.node.latency` in `s`. */
export function toOtelName({ name }: MetricFamily): { readonly name: string; readonly unit: string } {
  const isSeconds = name.endsWith("_seconds");
  const bare = name.replace(/_total$|_seconds$/, "");
  return { name: bare.replaceAll("_", "."), unit: isSeconds ? "s" : "" };
}
