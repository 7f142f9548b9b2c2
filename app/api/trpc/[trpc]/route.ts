import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createContext } from "@/server/context";
import { logUnexpected } from "@/server/log";
import { appRouter } from "@/server/router";

export const dynamic = "force-dynamic";

function handle(request: Request): Promise<Response> {
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: () => createContext(request),
    // A drawing that is checked is longer than an address may be: queries come as POST too.
    allowMethodOverride: true,
    onError: ({ error, path }) => logUnexpected(path ?? "trpc", error),
  });
}

export { handle as GET, handle as POST };
