"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FlowView } from "@/server/views";
import { findKind } from "../drawing/kinds";
import { WaitingMessages } from "../flows/waiting-messages";
import { useTRPC } from "../trpc/context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { notifyDone } from "../ui/toast";
import { wordsOfRollback } from "./rollback-words";
import { SagasEndThere, SagasRest, SagasStranded, useSagaImpact } from "./sagas-in-flight";
import type { Asked } from "./store";

/** Asks before a flow is started, stopped or rolled back, and says what stays. */
export function DeployConfirms({
  view,
  title,
  asked,
  onAsk,
}: {
  view: FlowView;
  title: string;
  asked: Exclude<Asked, "deploy"> | null;
  onAsk(what: Exclude<Asked, "deploy"> | null): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.flows.get.queryKey({ name: view.name }) });
  const stop = useMutation(trpc.deployments.stop.mutationOptions({ onSettled: refresh }));
  const rollback = useMutation(trpc.deployments.rollback.mutationOptions({ onSettled: refresh }));
  const start = useMutation(trpc.deployments.start.mutationOptions({ onSettled: refresh }));
  const last = view.deployment?.version;
  const onStart = useSagaImpact(view.name, asked === "start" && last !== undefined, last);
  const previous = view.deployment?.previous ?? null;
  const onStop = useSagaImpact(view.name, asked === "stop");
  const onRollback = useSagaImpact(view.name, asked === "rollback" && previous !== null, previous ?? undefined);
  const sources = (view.running?.nodes ?? []).filter((node) => findKind(node.kind)?.role === "source");
  const answers = sources.some((node) => node.kind === "webhook-source");
  const waits = sources.some((node) => node.kind !== "webhook-source" && node.kind !== "generate-source");
  return (
    <>
      <ConfirmDialog
        open={asked === "start"}
        onOpenChange={(open) => onAsk(open ? "start" : null)}
        title={`Start ${title}?`}
        action={`Start v${last}${onStart?.problems.length ? " all the same" : ""}`}
        onConfirm={async () => {
          const result = await start.mutateAsync({ flow: view.name, strand: Boolean(onStart?.problems.length) });
          if (!result.ok) throw new Error(result.problems[0]?.message ?? "That version can no longer run.");
          notifyDone(`${title} starts`, { description: `v${result.version} goes on where it stood.` });
        }}
      >
        <p>
          v{last} goes on where it stood: nothing is left out.
          {view.draftDiffers ? " Your draft differs and stays as it is; Deploy runs that." : ""}
        </p>
        <WaitingMessages flow={view.name} open={asked === "start"} />
        <SagasEndThere impact={onStart} />
        <SagasStranded problems={onStart?.problems ?? []} />
      </ConfirmDialog>
      <ConfirmDialog
        open={asked === "stop"}
        onOpenChange={(open) => onAsk(open ? "stop" : null)}
        title={`Stop ${title}?`}
        action="Stop the flow"
        danger
        onConfirm={async () => {
          await stop.mutateAsync({ flow: view.name });
          notifyDone(`${title} stops`, { description: "What is in flight is finished first." });
        }}
      >
        <p>
          What is in flight is finished, and every position is kept.
          {waits ? " New messages wait on their brokers." : ""}
          {answers ? " Webhooks answer 404 until it is started again." : ""}
        </p>
        <SagasRest impact={onStop} />
      </ConfirmDialog>
      <ConfirmDialog
        open={asked === "rollback"}
        onOpenChange={(open) => onAsk(open ? "rollback" : null)}
        title={`${wordsOfRollback(previous, view.deployment?.version)}?`}
        action={`Run v${previous} again${onRollback?.problems.length ? " all the same" : ""}`}
        onConfirm={async () => {
          const result = await rollback.mutateAsync({
            flow: view.name,
            // What would be stranded was said above the button.
            strand: Boolean(onRollback?.problems.length),
          });
          if (!result.ok) throw new Error(result.problems[0]?.message ?? "That version can no longer run.");
          notifyDone(`v${result.version} takes over`, {
            description: `No message is lost: it goes on where v${view.deployment?.version} stands.`,
          });
        }}
      >
        <p>
          v{previous} takes over from v{view.deployment?.version}. It goes on where the version before stands: nothing
          is left out. Your draft stays as it is.
        </p>
        <SagasEndThere impact={onRollback} />
        <SagasStranded problems={onRollback?.problems ?? []} />
      </ConfirmDialog>
    </>
  );
}
