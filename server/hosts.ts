import "server-only";
import type { TRPCError } from "@trpc/server";
import { readEnv } from "./env";
import { type Refusal, refusal } from "./refusal";

/** Names under which this machine always knows itself. */
const localNames = ["localhost", "127.0.0.1", "[::1]"];

/** Hosts under which the server may be asked with a browser's session: this machine, and what MILLRACE_URL names. */
export function listKnownHosts(): string[] {
  const url = readEnv().MILLRACE_URL;
  const named = url !== "" && URL.canParse(url) ? [new URL(url).host] : [];
  return [...localNames.map((name) => `${name}:*`), ...localNames, ...named];
}

/** Why a request under this host is refused; null when it is known. A page elsewhere may have pointed its own name at this server. */
export function refuseUnknownHost(host: string | null): TRPCError | null {
  const name = host?.replace(/:\d+$/, "") ?? "";
  if (localNames.includes(name) || listKnownHosts().includes(host ?? "")) return null;
  return refusal(
    "BAD_REQUEST",
    "host-unknown",
    `This server does not know itself as “${host ?? ""}”. Start it with MILLRACE_URL set to the address that people use.`,
  );
}

/** Does a request that a browser sent come from a page of this server? Without `origin` it does not come from a page elsewhere. */
export function isOwnOrigin(headers: Headers): boolean {
  const origin = headers.get("origin");
  if (origin === null) return true;
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  const url = readEnv().MILLRACE_URL;
  return host === headers.get("host") || (url !== "" && URL.canParse(url) && host === new URL(url).host);
}

/** A refusal as the answer of a route that is not tRPC. */
export function answerRefusal(error: TRPCError, status: number): Response {
  const { code } = error.cause as Refusal;
  return Response.json({ code, message: error.message }, { status });
}
