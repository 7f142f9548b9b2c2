"use client";

import { FlowRunsFrame } from "./flow-runs-frame";
import { RunList } from "./run-list";

/** Runs of one flow, beside its editor. */
export function FlowRunsPage({ name }: { name: string }) {
  return (
    <FlowRunsFrame name={name}>
      <RunList flow={name} />
    </FlowRunsFrame>
  );
}
