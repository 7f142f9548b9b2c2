"use client";

import { useQuery } from "@tanstack/react-query";
import { RunsTabs } from "../runs/runs-tabs";
import { FlowHeader } from "../shell/flow-header";
import { PageHeader } from "../shell/page-header";
import { useTRPC } from "../trpc/context";
import { SagaList } from "./saga-list";

/** Sagas of all flows. */
export function SagasPage() {
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Runs" tabs={<RunsTabs current="sagas" />} />
      <div className="min-h-0 flex-1">
        <SagaList />
      </div>
    </div>
  );
}

/** Sagas of one flow, beside its messages. */
export function FlowSagasPage({ name }: { name: string }) {
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions());
  const title = flows.data?.find((flow) => flow.name === name)?.title ?? name;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <FlowHeader name={name} title={title} current="runs" />
      <div className="min-h-0 flex-1">
        <SagaList flow={name} />
      </div>
    </div>
  );
}
