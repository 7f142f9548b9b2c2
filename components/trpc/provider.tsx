"use client";

import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchStreamLink, httpSubscriptionLink, splitLink, TRPCClientError } from "@trpc/client";
import { type ReactNode, useState } from "react";
import superjson from "superjson";
import type { AppRouter } from "@/server/router";
import { TRPCProvider } from "./context";
import { leaveWhenSignedOut } from "./leave";

const endpoint = "/api/trpc";

/** One client for the tab: queries in batches (each answered as soon as it is ready), the one subscription as a stream of events. */
function createClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: httpSubscriptionLink({ url: endpoint, transformer: superjson }),
        // As POST: a drawing that is checked is longer than an address may be.
        false: httpBatchStreamLink({ url: endpoint, transformer: superjson, methodOverride: "POST" }),
      }),
    ],
  });
}

/** A refusal stays one however often it is asked; only a server that is away is asked again. */
function shouldRetry(failures: number, error: unknown): boolean {
  if (error instanceof TRPCClientError && error.data) return false;
  return failures < 2;
}

function createQueries() {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    defaultOptions: { queries: { staleTime: 5_000, retry: shouldRetry }, mutations: { retry: false } },
  });
}

/** Gives every component below `useTRPC()` and the query cache. */
export function DataProvider({ children }: { children: ReactNode }) {
  const [queries] = useState(createQueries);
  const [client] = useState(createClient);
  return (
    <QueryClientProvider client={queries}>
      <TRPCProvider trpcClient={client} queryClient={queries}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
