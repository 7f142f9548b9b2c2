import { hostname, userInfo } from "node:os";
import { createTRPCClient, httpBatchLink, TRPCClientError } from "@trpc/client";
import superjson from "superjson";
import { personHeader, writePersonHeader } from "../flow/person-header";
import type { AppRouter } from "../server/router";
import type { ShownProblem } from "../server/views";
import { CommandFailure } from "./failure";

export type Client = ReturnType<typeof createClient>;

/** A client of the server's API. */
export function createClient(options: { url: string; token: string }) {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${options.url.replace(/\/+$/, "")}/api/trpc`,
        transformer: superjson,
        methodOverride: "POST",
        headers: { authorization: `Bearer ${options.token}`, ...tellPerson() },
      }),
    ],
  });
}

/** Who runs it, for the audit: one token may serve several people. */
function tellPerson(): Record<string, string> {
  try {
    return { [personHeader]: writePersonHeader(`${userInfo().username}@${hostname()}`) };
  } catch {
    // A user without a name, as in some containers.
    return {};
  }
}

/** The client that the environment describes. @throws CommandFailure when it does not say where and who */
export function openClient(env: Readonly<Record<string, string | undefined>>): Client {
  const url = env.MILLRACE_URL ?? "";
  if (url === "") {
    throw new CommandFailure(
      "No server runs here. Start one with `npm start`, or set MILLRACE_URL to the address of another.",
    );
  }
  if (!URL.canParse(url)) throw new CommandFailure(`MILLRACE_URL is not an address: ${url}`);
  const token = env.MILLRACE_TOKEN ?? "";
  if (token === "") {
    throw new CommandFailure(`Set MILLRACE_TOKEN to an API token of ${url}. Settings → API tokens makes one.`);
  }
  return createClient({ url, token });
}

/** An error of the server (or the way to it) as words. Others are given back as they are. */
export function explainError(error: unknown, url: string): unknown {
  if (!(error instanceof TRPCClientError)) return error;
  const problem = (error.data as { problem?: ShownProblem } | null | undefined)?.problem;
  if (problem) {
    const { code, message, detail } = problem;
    return new CommandFailure(message, detail === undefined ? { code } : { code, detail });
  }
  const reason =
    error.cause && "cause" in error.cause && error.cause.cause instanceof Error
      ? error.cause.cause.message
      : error.message;
  return new CommandFailure(`No Millrace server answers at ${url}: ${reason}`, { code: "server-unreachable" });
}
