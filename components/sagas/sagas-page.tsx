"use client";

import { FlowRunsFrame } from "../runs/flow-runs-frame";
import { RunsTabs } from "../runs/runs-tabs";
import { PageHeader } from "../shell/page-header";
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
  return (
    <FlowRunsFrame name={name}>
      <SagaList flow={name} />
    </FlowRunsFrame>
  );
}
