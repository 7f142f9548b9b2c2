import "server-only";
import { z } from "zod";
import { defaultEnvironment } from "@/flow/control";

const schema = z.object({
  DATABASE_URL: z.string().min(1),
  MILLRACE_SECRET: z.string().min(16, "must have at least 16 characters"),
  /** Address of the web, as other machines see it. */
  MILLRACE_URL: z.string().default(""),
  MILLRACE_ENVIRONMENT: z
    .string()
    .optional()
    // Set but empty, as compose files do, means the default; the worker reads it alike.
    .transform((text) => text?.trim() || defaultEnvironment),
  MILLRACE_QUIET_LIMITS: z.string().default(""),
  MILLRACE_METRICS_TOKEN: z.string().trim().default(""),
  KAFKA_BROKERS: z.string().default(""),
  REDIS_URL: z.string().default(""),
});

export type Env = z.infer<typeof schema>;

let cached: Env | undefined;

/** What the process was started with. Read when first asked, so that a build needs none of it. @throws Error naming the variable. */
export function readEnv(): Env {
  if (cached) return cached;
  const parsed = schema.safeParse(process.env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? "");
    throw new Error(
      process.env[name]
        ? `${name} ${issue?.message}.`
        : `${name} is not set. \`npm start\` sets it; a process started alone needs it.`,
    );
  }
  cached = parsed.data;
  return cached;
}
