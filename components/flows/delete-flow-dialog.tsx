"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FlowSummary } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { messageOfError } from "../ui/error-words";
import { formatPlural } from "../ui/formats";
import { Skeleton } from "../ui/skeleton";
import { notifyDone } from "../ui/toast";

/** Says what runs, what goes with the flow and what stays on the brokers, before it is deleted. */
export function DeleteFlowDialog({ flow, onClose }: { flow: FlowSummary; onClose(): void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const impact = useQuery(trpc.flows.impact.queryOptions({ name: flow.name }, { staleTime: 0 }));
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.flows.pathKey() });
  const remove = useMutation(trpc.flows.remove.mutationOptions({ onSuccess: refresh }));
  const stop = useMutation(trpc.deployments.stop.mutationOptions({ onSuccess: refresh }));
  const running = impact.data?.running ?? false;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${flow.title}`}
      action="Delete flow"
      danger
      typed={flow.name}
      disabled={!impact.data || running || impact.data.sagas > 0}
      onConfirm={async () => {
        await remove.mutateAsync({ name: flow.name });
        notifyDone(`${flow.title} was deleted`);
      }}
    >
      {impact.isPending ? <Skeleton className="h-16 w-full" /> : null}
      {impact.error ? <Callout tone="bad">{messageOfError(impact.error)}</Callout> : null}
      {running ? (
        <Callout
          tone="warn"
          title="It is running"
          action={
            <Button size="sm" busy={stop.isPending} onClick={() => stop.mutate({ flow: flow.name })}>
              Stop it
            </Button>
          }
        >
          {stop.error
            ? messageOfError(stop.error)
            : "A flow is deleted only when it is stopped. What is in flight is finished first."}
        </Callout>
      ) : null}
      {impact.data && impact.data.sagas > 0 ? (
        <Callout tone="warn" title={`${formatPlural(impact.data.sagas, "saga")} in flight`}>
          They end on this flow's versions. Deploy it so that they end, or cancel them and let them be undone; then stop
          it and delete it.
        </Callout>
      ) : null}
      {impact.data ? (
        <div className="flex flex-col gap-2">
          <p>
            The drawing, {formatPlural(flow.latestVersion, "version")}
            {flow.deadLetters ? `, ${formatPlural(flow.deadLetters, "dead letter")}` : ""}
            {impact.data.messages ? `, ${formatPlural(impact.data.messages, "held message")}` : ""} and the deployment
            go. This cannot be undone; export the flow first to keep it.
          </p>
          {impact.data.stays.map(({ on, what, names }) => (
            <Stays key={`${on} ${what}`} label={`Stays on ${on}: ${what}`} names={names} />
          ))}
        </div>
      ) : null}
    </ConfirmDialog>
  );
}

function Stays({ label, names }: { label: string; names: readonly string[] }) {
  return (
    <div>
      <p className="text-12 text-muted">{label}</p>
      <p className="break-words font-mono text-12">{names.join(", ")}</p>
    </div>
  );
}
