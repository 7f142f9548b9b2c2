import { describeError, type Log } from "../log";

/** As OpenTelemetry's exporters have it: 0 is well. */
export interface Exporter<Batch> {
  export(batch: Batch, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** A collector that is away is told of this often, not with each batch. */
const tellAgainMs = 60_000;

/** Tells when what an exporter sends does not arrive, and when it does again. Nothing else tells it: the exporters are silent. */
export function watchExporter<Batch, Of extends Exporter<Batch>>(exporter: Of, what: string, log: Log): Of {
  let toldAt: number | null = null;
  const send = exporter.export.bind(exporter);
  exporter.export = (batch, done) =>
    send(batch, (result) => {
      const now = performance.now();
      if (result.code !== 0) {
        if (toldAt === null || now - toldAt >= tellAgainMs) {
          toldAt = now;
          log.warn({ what, ...describeError(result.error) }, "the collector does not take what is exported by OTLP");
        }
      } else if (toldAt !== null) {
        toldAt = null;
        log.info({ what }, "the collector takes what is exported by OTLP again");
      }
      done(result);
    });
  return exporter;
}
