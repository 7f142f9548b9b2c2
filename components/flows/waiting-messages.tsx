"use client";

import { useQuery } from "@tanstack/react-query";
import type { WaitingView } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { wordsOfWaiting } from "./waiting-words";

/** How many messages wait at the sources of a flow, as far as their brokers tell. Asked only while it is `open`. */
export function useWaiting(flow: string, open: boolean): readonly WaitingView[] {
  const trpc = useTRPC();
  const options = { enabled: open, refetchInterval: 10_000, retry: false };
  return useQuery(trpc.deployments.waiting.queryOptions({ flow }, options)).data ?? [];
}

export function WaitingMessages({ flow, open }: { flow: string; open: boolean }) {
  const words = wordsOfWaiting(useWaiting(flow, open));
  return words ? <p className="text-muted">{words}</p> : null;
}
