"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus, Waypoints } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { useMemo, useState } from "react";
import { Page, PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { useLive } from "../trpc/use-live";
import { Button } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { SearchInput } from "../ui/input";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { Table, Th } from "../ui/table";
import { FlowRow } from "./flow-row";
import { ImportFlow } from "./import-flow";
import { NewFlowDialog } from "./new-flow-dialog";

/** All flows: what each does, whether it runs, how much passes, what is stuck. */
export function FlowList() {
  const trpc = useTRPC();
  const router = useRouter();
  const asksNew = useSearchParams().has("new");
  const mayEdit = useHasRole("editor");
  const flows = useQuery(trpc.flows.list.queryOptions(undefined, { refetchInterval: 15_000 }));
  const live = useLive((state) => state.flows);
  const [text, setText] = useState("");
  const shown = useMemo(() => {
    const needle = text.trim().toLowerCase();
    const matching = (flows.data ?? []).filter((flow) =>
      `${flow.title} ${flow.name} ${flow.description}`.toLowerCase().includes(needle),
    );
    return matching.sort((a, b) => a.title.localeCompare(b.title));
  }, [flows.data, text]);
  const setNew = (open: boolean) => router.replace(open ? "/flows?new" : "/flows", { scroll: false });
  const newButton = mayEdit ? (
    <Button variant="primary" icon={<Plus />} onClick={() => setNew(true)}>
      New flow
    </Button>
  ) : null;

  return (
    <Page
      header={
        <PageHeader title="Flows">
          {flows.data?.length ? (
            <SearchInput
              label="Search flows"
              value={text}
              onChange={(event) => setText(event.target.value)}
              className="w-56 min-w-24"
            />
          ) : null}
          {mayEdit ? <ImportFlow taken={(flows.data ?? []).map((flow) => flow.name)} /> : null}
          {newButton}
        </PageHeader>
      }
    >
      {flows.isPending ? <SkeletonRows rows={4} /> : null}
      {flows.error ? <LoadError what="The flows" error={flows.error} onRetry={() => void flows.refetch()} /> : null}
      {flows.data?.length === 0 ? (
        <EmptyState icon={<Waypoints />} title="No flows yet" action={newButton}>
          A flow is a drawing of where messages come from, what happens to them and where they go. Draw one, or import a
          flow file.
        </EmptyState>
      ) : null}
      {flows.data?.length && shown.length === 0 ? (
        <EmptyState
          title={`No flow matches “${text.trim()}”`}
          action={<Button onClick={() => setText("")}>Show all</Button>}
        />
      ) : null}
      {shown.length > 0 ? (
        <Table className="bg-surface">
          <thead>
            <tr>
              <Th>Flow</Th>
              <Th className="w-56">State</Th>
              <Th className="w-20" align="right">
                Rate
              </Th>
              <Th className="w-20" align="right" title="Messages that wait at its sources">
                Lag
              </Th>
              <Th className="w-28" align="right">
                Dead letters
              </Th>
              <Th className="w-28">Version</Th>
              <Th className="w-28">Updated</Th>
              <Th className="w-12">
                <span className="sr-only">Actions</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {shown.map((flow) => (
              <FlowRow key={flow.name} flow={flow} live={live[flow.name]} />
            ))}
          </tbody>
        </Table>
      ) : null}
      <NewFlowDialog open={asksNew && mayEdit} onOpenChange={setNew} />
    </Page>
  );
}
