import { z } from "zod";
import { defaultEnvironment } from "../flow/control";
import { workerLabelPattern } from "../flow/document";
import { readTelemetryEnvironment, type TelemetryEnvironment } from "./telemetry/otlp";
import type { TransportEnvironment } from "./transport";

/** What the worker was started with. */
export interface WorkerEnvironment extends TransportEnvironment {
  readonly masterSecret: string;
  readonly environment: string;
  /** It runs the flows that ask for this label; without one, those that ask for none. */
  readonly label?: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly keepRunsDays: number;
  /** Runs of the oldest days go first when all take more; `undefined`: only age counts. */
  readonly keepRunsBytes: number | undefined;
  /** What `/metrics` asks for; `undefined`: nothing. */
  readonly metricsToken: string | undefined;
  readonly telemetry: TelemetryEnvironment;
}

const optional = z
  .string()
  .optional()
  .transform((text) => text?.trim() || undefined);

const schema = z.object({
  DATABASE_URL: z
    .string({ error: "DATABASE_URL is not set: the address of the Postgres that the web process uses." })
    .min(1),
  MILLRACE_SECRET: z
    .string({ error: "MILLRACE_SECRET is not set: the same secret that the web process was started with." })
    .min(16, "MILLRACE_SECRET must have at least 16 characters."),
  KAFKA_BROKERS: optional,
  REDIS_URL: optional,
  RABBITMQ_URL: optional,
  PULSAR_URL: optional,
  MILLRACE_ENVIRONMENT: optional,
  MILLRACE_WORKER_LABEL: optional.refine((label) => label === undefined || workerLabelPattern.test(label), {
    error: "labels match [a-z0-9-]+, at most 40 characters",
  }),
  MILLRACE_WORKER_HOST: optional,
  MILLRACE_WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  MILLRACE_METRICS_TOKEN: optional,
  MILLRACE_RUN_MEGABYTES: z.coerce.number().int().min(1).max(100_000_000).optional(),
  MILLRACE_RUN_DAYS: z.coerce.number().int().min(1).max(3_650).default(7),
  npm_package_version: optional,
});

/** @throws Error that names each variable that is missing or wrong. */
export function readEnvironment(variables: NodeJS.ProcessEnv): WorkerEnvironment {
  const parsed = schema.safeParse(variables);
  if (!parsed.success) {
    const words = parsed.error.issues.map(({ path, message }) =>
      message.includes(String(path[0])) ? message : `${String(path[0])}: ${message}`,
    );
    throw new Error(words.join("\n"));
  }
  const env = parsed.data;
  return {
    databaseUrl: env.DATABASE_URL,
    masterSecret: env.MILLRACE_SECRET,
    kafkaBrokers: env.KAFKA_BROKERS,
    redisUrl: env.REDIS_URL,
    rabbitmqUrl: env.RABBITMQ_URL,
    pulsarUrl: env.PULSAR_URL,
    environment: env.MILLRACE_ENVIRONMENT ?? defaultEnvironment,
    label: env.MILLRACE_WORKER_LABEL,
    host: env.MILLRACE_WORKER_HOST ?? "127.0.0.1",
    port: env.MILLRACE_WORKER_PORT,
    keepRunsDays: env.MILLRACE_RUN_DAYS,
    keepRunsBytes: env.MILLRACE_RUN_MEGABYTES === undefined ? undefined : env.MILLRACE_RUN_MEGABYTES * 1_000_000,
    metricsToken: env.MILLRACE_METRICS_TOKEN,
    telemetry: readTelemetryEnvironment(variables),
    version: env.npm_package_version ?? "0.1.0",
  };
}
