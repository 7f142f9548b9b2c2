import type { MetricSample } from "../../flow/metrics";
import { describeError, type Log } from "../log";
import type { RunStore } from "../recorder";
import type { WorkerIdentity } from "../stores/presence";
import type { Measured } from "./metrics";
import { readVersionFacts, type VersionFacts } from "./node-facts";
import { alsoExport, type FactsOf } from "./traces";

/** What of OpenTelemetry's environment variables is understood; the exporters read the others (`OTEL_EXPORTER_OTLP_HEADERS`, …) themselves. */
export interface TelemetryEnvironment {
  readonly traces: boolean;
  readonly metrics: boolean;
  /** Between two exports of metrics. */
  readonly metricsEveryMs: number;
  readonly serviceName: string;
}

/** What a worker exports to a collector of OpenTelemetry's protocol; nothing until its environment names one. */
export interface Telemetry {
  /** Stores runs, and exports them where traces are exported. */
  readonly store: RunStore;
  /** Spans that were dropped since the worker started; `undefined`: none are exported. */
  spansDropped(): number | undefined;
  /** From now on metrics are exported, where they are wanted. */
  beginMetrics(read: () => readonly MetricSample[], deployments: () => Iterable<Measured>): void;
  /** Sends what waits. Never rejects. */
  close(): Promise<void>;
}

/**
 * Reads https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/: an endpoint switches it on,
 * `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER=none` and `OTEL_METRICS_EXPORTER=none` off.
 *
 * @throws Error for a protocol that is not spoken, an interval that is none.
 */
export function readTelemetryEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): TelemetryEnvironment {
  const off = variables.OTEL_SDK_DISABLED?.toLowerCase() === "true";
  const wants = (signal: "TRACES" | "METRICS") => {
    const endpoint = variables[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? variables.OTEL_EXPORTER_OTLP_ENDPOINT;
    if (off || !endpoint?.trim() || variables[`OTEL_${signal}_EXPORTER`] === "none") return false;
    const protocol = variables[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] ?? variables.OTEL_EXPORTER_OTLP_PROTOCOL;
    if (protocol && protocol !== "http/protobuf")
      throw new Error(
        `OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}: Millrace speaks http/protobuf, usually at port 4318 of the collector.`,
      );
    return true;
  };
  const metricsEveryMs = Number(variables.OTEL_METRIC_EXPORT_INTERVAL || 60_000);
  if (!Number.isInteger(metricsEveryMs) || metricsEveryMs < 100)
    throw new Error("OTEL_METRIC_EXPORT_INTERVAL: milliseconds, at least 100.");
  return {
    traces: wants("TRACES"),
    metrics: wants("METRICS"),
    metricsEveryMs,
    serviceName: variables.OTEL_SERVICE_NAME?.trim() || "millrace-worker",
  };
}

/** Documents of versions are read once each; a worker runs few of them. */
const maxKnownVersions = 200;

/** Opens what the environment asks for. The libraries are loaded only then. */
export async function openTelemetry(
  environment: TelemetryEnvironment,
  worker: Omit<WorkerIdentity, "address">,
  store: RunStore,
  documentOf: (flowId: string, version: number) => Promise<unknown>,
  log: Log,
): Promise<Telemetry> {
  if (!environment.traces && !environment.metrics)
    return { store, spansDropped: () => undefined, beginMetrics: () => undefined, close: async () => undefined };
  const known = new Map<string, Promise<VersionFacts>>();
  const factsOf: FactsOf = (flowId, version) => {
    const id = `${flowId} ${version}`;
    const facts =
      known.get(id) ?? documentOf(flowId, version).then(readVersionFacts, () => readVersionFacts(undefined));
    known.set(id, facts);
    if (known.size > maxKnownVersions) known.delete(known.keys().next().value!);
    return facts;
  };
  const { resourceOf, openSpanExport, openMetricExport } = await import("./libraries");
  const resource = resourceOf(environment.serviceName, worker);
  const spans = environment.traces ? openSpanExport(factsOf, { resource, version: worker.version }, log) : undefined;
  let metrics: { shutdown(): Promise<void> } | undefined;
  return {
    store: spans ? alsoExport(store, spans) : store,
    spansDropped: () => spans?.dropped,
    beginMetrics(read, deployments) {
      if (environment.metrics)
        metrics = openMetricExport(resource, environment.metricsEveryMs, { read, deployments, factsOf }, log);
    },
    async close() {
      const closed = await Promise.allSettled([spans?.close(), metrics?.shutdown()]);
      for (const each of closed)
        if (each.status === "rejected") log.warn(describeError(each.reason), "the last exports did not arrive");
    },
  };
}
