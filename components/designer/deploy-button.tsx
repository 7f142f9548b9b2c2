"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, CircleStop, Download, History } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { FlowView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { useLiveFlow } from "../trpc/use-live";
import { Button } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import { notifyDone } from "../ui/toast";
import { Tooltip } from "../ui/tooltip";
import { useDesigner } from "./context";

const DeployDialog = dynamic(() => import("./deploy-dialog").then((module) => module.DeployDialog), { ssr: false });

/** Deploy, with what else can be done to what runs. */
export function DeployButton({ view, flush }: { view: FlowView; flush(): Promise<void> }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const mayDeploy = useHasRole("operator");
  const document = useDesigner((state) => state.document);
  const live = useLiveFlow(view.name);
  const [asked, setAsked] = useState<"deploy" | "stop" | "rollback" | null>(null);
  const [opened, setOpened] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.flows.get.queryKey({ name: view.name }) });
  const stop = useMutation(trpc.deployments.stop.mutationOptions({ onSettled: refresh }));
  const rollback = useMutation(trpc.deployments.rollback.mutationOptions({ onSettled: refresh }));
  const runs = (live?.desired ?? view.deployment?.desired) === "running";
  const previous = view.deployment?.previous ?? null;
  const title = document.title ?? view.title;

  if (!mayDeploy) {
    return (
      <Tooltip content="Deploying needs the role operator. An administrator can give it to you." side="bottom">
        <Button variant="primary" aria-disabled onClick={() => {}}>
          Deploy
        </Button>
      </Tooltip>
    );
  }
  return (
    <>
      <span className="flex shrink-0">
        <Button
          variant="primary"
          className="rounded-r-none"
          onClick={() => {
            setOpened(true);
            setAsked("deploy");
          }}
        >
          Deploy
        </Button>
        <Menu
          trigger={
            <Button
              variant="primary"
              aria-label="More about deploying"
              className="rounded-l-none border-l-[color-mix(in_srgb,var(--accent-text)_30%,var(--accent))] !px-2"
            >
              <ChevronDown />
            </Button>
          }
        >
          <MenuItem icon={<CircleStop />} disabled={!runs} onSelect={() => setAsked("stop")}>
            Stop
          </MenuItem>
          <MenuItem
            icon={<History />}
            disabled={previous === null}
            hint={previous === null ? "No other version ran before" : undefined}
            onSelect={() => setAsked("rollback")}
          >
            {previous === null ? "Roll back" : `Roll back to v${previous}`}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<Download />} onSelect={() => downloadFlow(document)}>
            Export the flow file
          </MenuItem>
        </Menu>
      </span>
      {opened ? (
        <DeployDialog
          view={view}
          open={asked === "deploy"}
          onOpenChange={(open) => setAsked(open ? "deploy" : null)}
          flush={flush}
        />
      ) : null}
      <ConfirmDialog
        open={asked === "stop"}
        onOpenChange={(open) => setAsked(open ? "stop" : null)}
        title={`Stop ${title}?`}
        action="Stop the flow"
        danger
        onConfirm={async () => {
          await stop.mutateAsync({ flow: view.name });
          notifyDone(`${title} stops`, { description: "What is in flight is finished first." });
        }}
      >
        <p>
          What is in flight is finished, and every position is kept. New messages wait on their brokers; webhooks answer
          404 until it is deployed again.
        </p>
      </ConfirmDialog>
      <ConfirmDialog
        open={asked === "rollback"}
        onOpenChange={(open) => setAsked(open ? "rollback" : null)}
        title={`Roll back to v${previous}?`}
        action={`Run v${previous} again`}
        onConfirm={async () => {
          const result = await rollback.mutateAsync({ flow: view.name });
          if (!result.ok) throw new Error(result.problems[0]?.message ?? "That version can no longer run.");
          notifyDone(`v${result.version} takes over`, {
            description: "No message is lost: it goes on where v" + `${view.deployment?.version} stands.`,
          });
        }}
      >
        <p>
          v{previous} takes over from v{view.deployment?.version} where that stands: nothing is read twice, nothing is
          left out. Your draft stays as it is.
        </p>
      </ConfirmDialog>
    </>
  );
}

/** Gives the flow file to the person, as it stands on the canvas. */
function downloadFlow(document: { name: string }): void {
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(document, null, 2)}\n`], { type: "application/json" }));
  link.download = `${document.name}.flow.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
