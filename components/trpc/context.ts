"use client";

import { createTRPCContext } from "@trpc/tanstack-react-query";
import type { AppRouter } from "@/server/router";

/** `const trpc = useTRPC(); useQuery(trpc.flows.list.queryOptions())`; `useTRPCClient()` for calls outside the cache. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();
