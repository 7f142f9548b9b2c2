"use client";

import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { FlowHeader } from "../shell/flow-header";
import { useTRPC } from "../trpc/context";
import { ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { type Choice, readChoice, sideBefore, writeChoice } from "./choice";
import { CompareView } from "./compare-view";
import { DeploymentHistory } from "./deployment-history";
import { FiguresView } from "./figures-view";
import { VersionList } from "./version-list";

/** Every version of a flow: which one runs, what differs between any two, and the way back to it. */
export function VersionsPage({ name }: { name: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const path = usePathname();
  const asked = useSearchParams();
  // The draft may have been saved a moment ago, on the way here.
  const flow = useQuery(trpc.flows.get.queryOptions({ name }, { refetchOnMount: "always" }));
  const versions = useQuery(trpc.versions.list.queryOptions({ flow: name }));
  const list = versions.data ?? [];
  const choice = readChoice(asked, list);
  const figures = asked.has("figures");
  const go = (next: Choice, shows: boolean) =>
    router.replace(`${path}${writeChoice(next)}${shows ? "&figures" : ""}`, { scroll: false });
  const choose = (next: Choice) => go(next, figures);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <FlowHeader name={name} title={flow.data?.title ?? name} current="versions" />
      {versions.isPending ? <SkeletonRows rows={4} /> : null}
      {versions.error ? (
        <LoadError what="The versions" error={versions.error} onRetry={() => void versions.refetch()} />
      ) : null}
      {versions.data && list.length === 0 ? (
        <EmptyState
          icon={<History />}
          title="No versions yet"
          action={
            <ButtonLink href={`/flows/${name}`} variant="primary">
              Open the drawing
            </ButtonLink>
          }
        >
          Each deploy of a changed drawing makes a version that never changes again. Deploy the draft to make the first.
        </EmptyState>
      ) : null}
      {list.length > 0 ? (
        <div className="grid min-h-0 flex-1 grid-cols-[300px_minmax(0,1fr)]">
          <aside className="thin-scroll min-h-0 overflow-auto border-r bg-surface py-2">
            <VersionList
              flow={name}
              view={flow.data}
              versions={list}
              chosen={choice.to}
              onChoose={(to) => choose({ from: sideBefore(to, list), to })}
            />
            <DeploymentHistory name={name} />
          </aside>
          {figures ? (
            <FiguresView
              name={name}
              flow={flow.data}
              choice={choice}
              onChoose={choose}
              onLeave={() => go(choice, false)}
            />
          ) : (
            <CompareView
              name={name}
              flow={flow.data}
              versions={list}
              choice={choice}
              onChoose={choose}
              onFigures={() => go(choice, true)}
            />
          )}
        </div>
      ) : null}
    </div>
  );
}
