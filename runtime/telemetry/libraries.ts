import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { detectResources, envDetector, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { Log } from "../log";
import type { WorkerIdentity } from "../stores/presence";
import { exportMetrics, type MetricReading } from "./metrics";
import { watchExporter } from "./outlet";
import type { SpanOrigin } from "./spans";
import { type FactsOf, SpanExport } from "./traces";

/** Who tells; `OTEL_RESOURCE_ATTRIBUTES` adds to it. */
export function resourceOf(serviceName: string, worker: Omit<WorkerIdentity, "address">): Resource {
  const own = resourceFromAttributes({
    "service.name": serviceName,
    "service.version": worker.version,
    "service.instance.id": worker.id,
    "host.name": worker.host,
    "process.pid": worker.pid,
    "deployment.environment.name": worker.environment,
    ...(worker.label ? { "millrace.worker.label": worker.label } : {}),
  });
  return detectResources({ detectors: [envDetector] }).merge(own);
}

export function openSpanExport(factsOf: FactsOf, origin: SpanOrigin, log: Log): SpanExport {
  return new SpanExport(watchExporter(new OTLPTraceExporter(), "traces", log), factsOf, origin);
}

export function openMetricExport(resource: Resource, everyMs: number, reading: MetricReading, log: Log) {
  return exportMetrics(watchExporter(new OTLPMetricExporter(), "metrics", log), resource, everyMs, reading);
}
