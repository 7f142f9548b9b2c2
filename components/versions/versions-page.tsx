"use client";

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { History } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import type { VersionSummary } from "@/server/views";
import { FlowHeader } from "../shell/flow-header";
import { useTRPC } from "../trpc/context";
import { ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { LoadError } from "../ui/query-states";
import { RelativeTime } from "../ui/relative-time";
import { SkeletonRows } from "../ui/skeleton";
import { Dot } from "../ui/tag";
import { DeploymentHistory } from "./deployment-history";
import { VersionView } from "./version-view";

/** Every version of a flow: which one runs, what it changed, how it is drawn, and the way back to it. */
export function VersionsPage({ name }: { name: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const path = usePathname();
  const asked = Number(useSearchParams().get("version"));
  const flow = useQuery(trpc.flows.get.queryOptions({ name }));
  const versions = useQuery(trpc.versions.list.queryOptions({ flow: name }));
  const list = versions.data ?? [];
  const current =
    list.find((version) => version.number === asked) ?? list.find((version) => version.running) ?? list[0];
  return (
    <div className="flex h-full min-h-0 flex-col">
      <FlowHeader name={name} title={flow.data?.title ?? name} current="versions" />
      {versions.isPending ? <SkeletonRows rows={4} /> : null}
      {versions.error ? (
        <LoadError what="The versions" error={versions.error} onRetry={() => void versions.refetch()} />
      ) : null}
      {versions.data && !current ? (
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
      {current ? (
        <div className="grid min-h-0 flex-1 grid-cols-[300px_minmax(0,1fr)]">
          <aside className="thin-scroll min-h-0 overflow-auto border-r bg-surface py-2">
            <nav aria-label="Versions">
              {list.map((version) => (
                <VersionRow
                  key={version.number}
                  version={version}
                  here={version.number === current.number}
                  onOpen={() => router.replace(`${path}?version=${version.number}`, { scroll: false })}
                />
              ))}
            </nav>
            <DeploymentHistory name={name} />
          </aside>
          <VersionView
            key={current.number}
            flow={name}
            version={current}
            before={list.find((version) => version.number < current.number)?.number ?? null}
            revision={flow.data?.revision ?? null}
          />
        </div>
      ) : null}
    </div>
  );
}

function VersionRow({ version, here, onOpen }: { version: VersionSummary; here: boolean; onOpen(): void }) {
  return (
    <button
      type="button"
      aria-current={here ? "true" : undefined}
      onClick={onOpen}
      className={clsx(
        "grid w-full grid-cols-[10px_1fr_auto] gap-x-3 px-4 py-1.5 text-left",
        here ? "bg-accent-soft" : "hover:bg-hover",
      )}
    >
      <Dot tone={version.running ? "ok" : "idle"} hollow={!version.running} className="mt-1.5" />
      <span className="min-w-0">
        <span className="block truncate">
          <span className="font-medium">v{version.number}</span>
          {version.running ? <span className="ml-1.5 text-12 text-ok">runs</span> : null}
          {version.message ? <span className="ml-1.5 text-muted">{version.message}</span> : null}
        </span>
        <span className={clsx("block truncate text-12", here ? "text-muted" : "text-faint")}>
          {version.author || "unknown"}
        </span>
      </span>
      <RelativeTime date={version.createdAt} className="text-12 leading-5 text-muted" />
    </button>
  );
}
