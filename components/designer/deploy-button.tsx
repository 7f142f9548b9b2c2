"use client";

import { ChevronDown, CircleStop, Download, History, Settings } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { FlowView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { useLiveFlow } from "../trpc/use-live";
import { Button } from "../ui/button";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import { Tooltip } from "../ui/tooltip";
import { useDesigner, useDesignerStore } from "./context";
import { wordsOfRollback } from "./rollback-words";

const DeployDialog = dynamic(() => import("./deploy-dialog").then((module) => module.DeployDialog), { ssr: false });

const DeployConfirms = dynamic(() => import("./deploy-confirms").then((module) => module.DeployConfirms), {
  ssr: false,
});

/** Deploy, with what else can be done to what runs. */
export function DeployButton({ view, flush }: { view: FlowView; flush(): Promise<void> }) {
  const mayDeploy = useHasRole("operator");
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const live = useLiveFlow(view.name);
  const [asked, setAsked] = useState<"deploy" | "stop" | "rollback" | null>(null);
  const [opened, setOpened] = useState(false);
  const [confirmed, setConfirmed] = useState(false);
  const ask = (what: "stop" | "rollback") => {
    setConfirmed(true);
    setAsked(what);
  };
  const runs = (live?.desired ?? view.deployment?.desired) === "running";
  const previous = view.deployment?.previous ?? null;
  const title = document.title ?? view.name;

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
          <MenuItem icon={<CircleStop />} disabled={!runs} onSelect={() => ask("stop")}>
            Stop
          </MenuItem>
          <MenuItem
            icon={<History />}
            disabled={previous === null}
            hint={previous === null ? "No other version ran before" : undefined}
            onSelect={() => ask("rollback")}
          >
            {wordsOfRollback(previous, view.deployment?.version)}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<Settings />} onSelect={() => store.getState().set({ settingUp: true })}>
            Flow settings
          </MenuItem>
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
      {confirmed ? (
        <DeployConfirms view={view} title={title} asked={asked === "deploy" ? null : asked} onAsk={setAsked} />
      ) : null}
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
