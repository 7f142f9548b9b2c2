"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { FlowHeader } from "../shell/flow-header";
import { useTRPC } from "../trpc/context";

/** What ran of one flow, under the flow's header: its messages, or its sagas. */
export function FlowRunsFrame({ name, children }: { name: string; children: ReactNode }) {
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions());
  const title = flows.data?.find((flow) => flow.name === name)?.title ?? name;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <FlowHeader name={name} title={title} current="runs" />
      <div className="min-h-0 flex-1">{children}</div>
    </div>
  );
}
