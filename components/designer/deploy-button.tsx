"use client";

import { ChevronDown, CircleStop, Download, History, Play, Settings } from "lucide-react";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import type { FlowView } from "@/server/views";
import { downloadFlow } from "../flows/flow-file";
import { useHasRole } from "../shell/session";
import { useLiveFlow } from "../trpc/use-live";
import { Button } from "../ui/button";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import { Tooltip } from "../ui/tooltip";
import { useDesigner, useDesignerStore } from "./context";
import { wordsOfRollback } from "./rollback-words";
import type { Asked } from "./store";

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
  const asked = useDesigner((state) => state.asked);
  const setAsked = (what: Asked | null) => store.getState().set({ asked: what });
  const [opened, setOpened] = useState(false);
  const [confirmed, setConfirmed] = useState(false);
  useEffect(() => {
    if (asked === "deploy") setOpened(true);
    else if (asked !== null) setConfirmed(true);
  }, [asked]);
  const runs = (live?.desired ?? view.deployment?.desired) === "running";
  const stopped = view.deployment !== null && !runs;
  const previous = view.deployment?.previous ?? null;
  const title = document.title ?? view.name;
  const rollback = previous !== null;
  useEffect(() => {
    // What the keys and the palette may ask for is what the buttons offer.
    store.getState().set({
      askable: {
        deploy: mayDeploy,
        start: mayDeploy && stopped,
        stop: mayDeploy && runs,
        rollback: mayDeploy && rollback,
      },
    });
  }, [store, mayDeploy, runs, stopped, rollback]);

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
      {stopped ? (
        <Button icon={<Play />} onClick={() => setAsked("start")}>
          Start
        </Button>
      ) : null}
      <span className="flex shrink-0">
        <Button
          variant="primary"
          className="rounded-r-none"
          aria-keyshortcuts="Control+Enter"
          onClick={() => setAsked("deploy")}
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
          <MenuItem icon={<Play />} disabled={!stopped} onSelect={() => setAsked("start")}>
            Start
          </MenuItem>
          <MenuItem icon={<CircleStop />} disabled={!runs} onSelect={() => setAsked("stop")}>
            Stop
          </MenuItem>
          <MenuItem
            icon={<History />}
            disabled={previous === null}
            hint={previous === null ? "No other version ran before" : undefined}
            onSelect={() => setAsked("rollback")}
          >
            {wordsOfRollback(previous, view.deployment?.version)}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<Settings />} onSelect={() => store.getState().set({ settingUp: true })}>
            Flow settings
          </MenuItem>
          <MenuItem icon={<Download />} onSelect={() => downloadFlow(document.name, document)}>
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
