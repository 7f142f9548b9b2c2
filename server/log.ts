import "server-only";
import type { TRPCError } from "@trpc/server";
import pino from "pino";

const log = pino({ name: "millrace-web", level: process.env.LOG_LEVEL ?? "info" });

/**
 * Writes down what nobody foresaw. Where it happened, not what the error says: a database error may repeat the values that it was given.
 */
export function logUnexpected(where: string, error: TRPCError | Error): void {
  if ("code" in error && error.code !== "INTERNAL_SERVER_ERROR") return;
  const origin = error.cause instanceof Error ? error.cause : error;
  const frames = origin.stack
    ?.split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8);
  const code = "code" in origin ? String(origin.code) : undefined;
  log.error({ where, error: origin.name, code, frames }, "unexpected error");
}
