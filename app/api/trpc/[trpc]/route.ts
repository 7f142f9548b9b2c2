import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createContext } from "@/server/context";
import { limitBody } from "@/server/limit-body";
import { logUnexpected } from "@/server/log";
import { appRouter } from "@/server/router";

export const dynamic = "force-dynamic";

async function handle(request: Request): Promise<Response> {
  const limited = await limitBody(request);
  if (limited instanceof Response) return limited;
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req: limited,
    router: appRouter,
    createContext: () => createContext(limited),
    // A drawing that is checked is longer than an address may be: queries come as POST too.
    allowMethodOverride: true,
    onError: ({ error, path }) => logUnexpected(path ?? "trpc", error),
  });
}

export { handle as GET, handle as POST };
