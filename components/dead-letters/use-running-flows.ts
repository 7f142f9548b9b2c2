"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTRPC } from "../trpc/context";

/** Names of the flows that are deployed and not stopped; `undefined` until they are known. */
export function useRunningFlows(): ReadonlySet<string> | undefined {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.deployments.status.queryOptions({}, { refetchInterval: 5_000 }));
  return useMemo(
    () => data && new Set(data.filter(({ desired }) => desired === "running").map(({ flow }) => flow)),
    [data],
  );
}
