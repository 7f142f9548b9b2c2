"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC, useTRPCClient } from "../trpc/context";

/** What a page that was left is still saving, by flow. */
const leaving = new Map<string, Promise<unknown>>();

/** The next page of this tab that opens the flow waits for it. */
export function keepLeaving(flow: string, saving: Promise<unknown>): void {
  const settled = saving
    .catch(() => {})
    .finally(() => {
      if (leaving.get(flow) === settled) leaving.delete(flow);
    });
  leaving.set(flow, settled);
}

/**
 * A flow with its draft as it is when the page opens: never one that another page of this tab has read before it was changed. The draft is
 * taken once; what others save meanwhile comes in by the autosave.
 */
export function useDraft(name: string) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const flow = useQuery({
    ...trpc.flows.get.queryOptions({ name }),
    queryFn: async () => {
      await leaving.get(name);
      return client.flows.get.query({ name });
    },
    refetchOnMount: "always",
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return { ...flow, data: flow.isFetchedAfterMount ? flow.data : undefined };
}
