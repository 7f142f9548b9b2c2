"use client";

import { PageHeader } from "../shell/page-header";
import { RunList } from "./run-list";
import { RunsTabs } from "./runs-tabs";

/** Runs of all flows. */
export function RunsPage() {
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Runs" tabs={<RunsTabs current="messages" />} />
      <div className="min-h-0 flex-1">
        <RunList />
      </div>
    </div>
  );
}
