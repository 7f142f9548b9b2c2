"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Rocket, Undo2 } from "lucide-react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { diffFlows } from "@/flow/diff";
import type { VersionSummary } from "@/server/views";
import { downloadFlow } from "../flows/flow-file";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { LoadError } from "../ui/query-states";
import { Skeleton } from "../ui/skeleton";
import { Pill } from "../ui/tag";
import { notifyDone } from "../ui/toast";
import { VersionChanges, wayOfDiff } from "./version-changes";

// The canvas library is large and the list is useful before it is there.
const FlowDrawing = dynamic(() => import("../drawing/flow-drawing").then((module) => module.FlowDrawing), {
  ssr: false,
});

/** One version: its drawing with what it changed, and what can be done with it. */
export function VersionView({
  flow,
  version,
  before,
  revision,
}: {
  flow: string;
  version: VersionSummary;
  before: number | null;
  revision: number | null;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const mayEdit = useHasRole("editor");
  const mayDeploy = useHasRole("operator");
  const { number } = version;
  const forever = { staleTime: Number.POSITIVE_INFINITY };
  const own = useQuery(trpc.versions.get.queryOptions({ flow, number }, forever));
  const earlier = useQuery(
    trpc.versions.get.queryOptions({ flow, number: before ?? 0 }, { ...forever, enabled: before !== null }),
  );
  const diff = useMemo(
    () => (own.data && earlier.data ? diffFlows(earlier.data.document, own.data.document) : null),
    [own.data, earlier.data],
  );
  const way = useMemo(() => (diff && own.data ? wayOfDiff(diff, own.data.document) : undefined), [diff, own.data]);
  const [showChanges, setShowChanges] = useState(false);
  const [asking, setAsking] = useState<"restore" | "deploy" | null>(null);
  const save = useMutation(trpc.flows.save.mutationOptions());
  const deploy = useMutation(trpc.deployments.deploy.mutationOptions());

  async function restore() {
    if (!own.data || revision === null) return;
    const result = await save.mutateAsync({ name: flow, revision, document: { ...own.data.document, name: flow } });
    if (!result.ok)
      throw new Error(
        `${result.conflict.updatedBy || "Someone"} saved the draft in the meantime. Nothing was changed; look at it first.`,
      );
    await queries.invalidateQueries({ queryKey: trpc.flows.pathKey() });
    notifyDone(`The draft is v${number} again`);
    router.push(`/flows/${flow}`);
  }
  async function deployThis() {
    const result = await deploy.mutateAsync({ flow, version: number, begin: { from: "continue" } });
    if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join(" "));
    await Promise.all([
      queries.invalidateQueries({ queryKey: trpc.versions.pathKey() }),
      queries.invalidateQueries({ queryKey: trpc.deployments.pathKey() }),
      queries.invalidateQueries({ queryKey: trpc.flows.pathKey() }),
    ]);
    notifyDone(`v${number} takes over`, { description: "Messages in flight are finished by the version before." });
  }

  return (
    <div className="flex min-h-0 min-w-0 flex-col">
      <div className="flex min-h-12 flex-wrap items-center gap-2 border-b bg-surface px-4 py-2">
        <h2 className="text-14 font-semibold">v{number}</h2>
        {version.running ? (
          <Pill dot tone="ok">
            Runs now
          </Pill>
        ) : null}
        <span className="min-w-0 flex-1 truncate text-muted">{version.message}</span>
        {diff && diff.differs !== "nothing" ? (
          <Button
            variant={showChanges ? "secondary" : "ghost"}
            aria-pressed={showChanges}
            onClick={() => setShowChanges(!showChanges)}
          >
            Changes since v{before}
          </Button>
        ) : null}
        <Button
          icon={<Download />}
          disabled={!own.data}
          onClick={() => own.data && downloadFlow(`${flow}.v${number}`, own.data.document)}
        >
          Export
        </Button>
        {mayEdit ? (
          <Button icon={<Undo2 />} disabled={!own.data || revision === null} onClick={() => setAsking("restore")}>
            Restore as draft
          </Button>
        ) : null}
        {mayDeploy ? (
          <Button
            variant="primary"
            icon={<Rocket />}
            disabled={!own.data || version.running}
            onClick={() => setAsking("deploy")}
          >
            Deploy this
          </Button>
        ) : null}
      </div>
      <div className="relative min-h-0 flex-1">
        {own.isPending ? <Skeleton className="absolute inset-8" /> : null}
        {own.error ? <LoadError what="The version" error={own.error} onRetry={() => void own.refetch()} /> : null}
        {own.data ? (
          <FlowDrawing
            document={own.data.document}
            label={`Drawing of version ${number}`}
            {...(showChanges && way ? { way } : {})}
          />
        ) : null}
        {showChanges && diff ? <VersionChanges diff={diff} before={before ?? 0} /> : null}
      </div>
      <ConfirmDialog
        open={asking === "restore"}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Restore v${number} as draft`}
        action="Restore"
        onConfirm={restore}
      >
        <p>
          The draft becomes what v{number} is; what it holds now and was never deployed is replaced. What runs stays as
          it is until you deploy.
        </p>
      </ConfirmDialog>
      <ConfirmDialog
        open={asking === "deploy"}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Deploy v${number}`}
        action="Deploy"
        onConfirm={deployThis}
      >
        <p>
          v{number} takes over from what runs now: sources go on where they are, messages in flight are finished first,
          none is lost. The draft stays as it is.
        </p>
      </ConfirmDialog>
    </div>
  );
}
