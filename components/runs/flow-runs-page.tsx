"use client";

import { useQuery } from "@tanstack/react-query";
import { FlowHeader } from "../shell/flow-header";
import { useTRPC } from "../trpc/context";
import { RunList } from "./run-list";

/** Runs of one flow, beside its editor. */
export function FlowRunsPage({ name }: { name: string }) {
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions());
  const title = flows.data?.find((flow) => flow.name === name)?.title ?? name;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <FlowHeader name={name} title={title} current="runs" />
      <div className="min-h-0 flex-1">
        <RunList flow={name} />
      </div>
    </div>
  );
}
