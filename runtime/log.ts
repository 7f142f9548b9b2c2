import pino, { type Logger } from "pino";

export type Log = Logger;

/**
 * Structured log on standard output. What is logged are ids, counts, codes and words of our own: never payloads, never secrets.
 * Redaction is the second line, for objects of libraries that slip through.
 */
export function createLog(
  fields: Record<string, string | number>,
  level = process.env.MILLRACE_LOG_LEVEL ?? "info",
): Log {
  return pino({
    level,
    base: fields,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [
        "password",
        "token",
        "secret",
        "secrets",
        "authorization",
        "url",
        "*.password",
        "*.token",
        "*.secret",
        "*.secrets",
        "*.authorization",
        "*.url",
        "*.value",
        "*.body",
      ],
      censor: "[redacted]",
    },
  });
}

/** The name and code of an unexpected error: its message may carry what it stumbled over, so it stays out of the log. */
export function describeError(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? { error: error.name, code } : { error: error.name };
}
