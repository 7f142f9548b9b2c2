"use client";

import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { MousePointerClick, Play, Send } from "lucide-react";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import type { FlowDocument } from "@/flow/document";
import type { FlowView } from "@/server/views";
import { findKind, titleOfNode } from "../drawing/kinds";
import { useCommands } from "../shell/commands";
import { FlowHeader } from "../shell/flow-header";
import { useHasRole } from "../shell/session";
import { useTRPCClient } from "../trpc/context";
import { Button } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { Menu, MenuItem } from "../ui/menu";
import { Tooltip } from "../ui/tooltip";
import { Canvas } from "./canvas";
import { CanvasBar } from "./canvas-bar";
import { listCanvasCommands } from "./canvas-commands";
import { Company } from "./company";
import { DesignerProvider, useDesigner, useDesignerStore } from "./context";
import { DeployButton } from "./deploy-button";
import { goTo, readPlace } from "./go-to";
import { keepWork, openWork } from "./keep-work";
import { Palette } from "./palette";
import { SavedState } from "./saved-state";
import { openSendDialog, sendState } from "./send-state";
import { simulateFailure } from "./simulate-failure";
import { type DesignerStore, inspectedNode } from "./store";
import { startTrying } from "./try-it";
import { useAutosave } from "./use-autosave";
import { useChangedNodes, useCheck } from "./use-check";

// Chunks of their own: the drawing is there before the forms and dialogs are.
const Inspector = dynamic(() => import("./inspector").then((module) => module.Inspector), { ssr: false });
const ConflictDialog = dynamic(() => import("./conflict-dialog").then((module) => module.ConflictDialog), {
  ssr: false,
});
const QuickAdd = dynamic(() => import("./quick-add").then((module) => module.QuickAdd), { ssr: false });
const NodeMenu = dynamic(() => import("./node-menu").then((module) => module.NodeMenu), { ssr: false });
const FindNode = dynamic(() => import("./find-node").then((module) => module.FindNode), { ssr: false });
const WireByKeys = dynamic(() => import("./wire-by-keys").then((module) => module.WireByKeys), { ssr: false });
const FlowSettingsDialog = dynamic(() => import("./flow-settings-dialog").then((module) => module.FlowSettingsDialog), {
  ssr: false,
});
const SimulationPanel = dynamic(
  () => import("../simulation/simulation-panel").then((module) => module.SimulationPanel),
  { ssr: false },
);
const TrialPanel = dynamic(() => import("../trial/trial-panel").then((module) => module.TrialPanel), { ssr: false });
const BackgroundCases = dynamic(() => import("../cases/background-cases").then((module) => module.BackgroundCases), {
  ssr: false,
});
const SendDialog = dynamic(() => import("./send-dialog").then((module) => module.SendDialog), { ssr: false });

/** The editor of a flow. Made once per flow; `view` brings what runs, the draft is the store's from then on. */
export function Designer({ view, draft }: { view: FlowView; draft: FlowDocument }) {
  const mayEdit = useHasRole("editor");
  const [store] = useState(() =>
    openWork(view.name, { document: draft, revision: view.revision }, { readOnly: !mayEdit }),
  );
  useEffect(() => keepWork(view.name, store), [view.name, store]);
  const flush = useAutosave(store, view.name);
  useSelectionInAddress(store);
  return (
    <DesignerProvider store={store}>
      <ReactFlowProvider>
        <Keeping running={view.running} />
        <div className="flex h-full min-h-0 flex-col">
          <Header view={view} flush={flush} />
          <div className="flex min-h-0 flex-1">
            {mayEdit ? <Palette /> : null}
            <div className="relative min-w-0 flex-1 bg-bg">
              <Canvas label={`Drawing of ${view.title}`} />
              <Empty />
              <CanvasBar />
            </div>
            <Inspecting />
          </div>
          <Trying />
        </div>
        <Lists />
        <Sending />
        <SettingUp />
        <Restoring flow={view.name} />
      </ReactFlowProvider>
    </DesignerProvider>
  );
}

/** What goes on beside the drawing: the checks, what the command palette offers. Its own component, so that they draw nothing again. */
function Keeping({ running }: { running: FlowDocument | null }) {
  const store = useDesignerStore();
  const offer = useCommands((state) => state.offer);
  const flow = useReactFlow();
  useEffect(() => {
    const list = () => listCanvasCommands({ store, flow, pointer: null });
    return offer(list, (name, place) => {
      if (name !== store.getState().document.name) return false;
      const nodes = goTo(store, place);
      if (nodes.length > 0) void flow.fitView({ nodes: nodes.map((id) => ({ id })), maxZoom: 1, padding: 0.6 });
      return true;
    });
  }, [offer, store, flow]);
  useCheck();
  useChangedNodes(running);
  const hasCases = useDesigner((state) => (state.document.tests?.length ?? 0) > 0);
  const [ran, setRan] = useState(false);
  useEffect(() => {
    if (hasCases) setRan(true);
  }, [hasCases]);
  return ran ? <BackgroundCases /> : null;
}

function Header({ view, flush }: { view: FlowView; flush(): Promise<void> }) {
  const title = useDesigner((state) => state.document.title ?? view.name);
  return (
    <FlowHeader name={view.name} title={title} current="editor">
      <SavedState flow={view.name} running={view.running} version={view.deployment?.version ?? null} flush={flush} />
      <Conflict />
      <Company flow={view.name} />
      <SendButton />
      <TryButton />
      <DeployButton view={view} flush={flush} />
    </FlowHeader>
  );
}

/** Sends a message into the flow: into its source, or into the one that is chosen of several. */
function SendButton() {
  const document = useDesigner((state) => state.document);
  const maySend = useHasRole("editor");
  const sources = document.nodes.filter(
    (node) => findKind(node.kind)?.role === "source" && node.kind !== "generate-source",
  );
  if (!maySend || sources.length === 0) return null;
  if (sources.length === 1) {
    return (
      <Button icon={<Send />} onClick={() => openSendDialog(sources[0]!.id)}>
        Send a message
      </Button>
    );
  }
  return (
    <Menu trigger={<Button icon={<Send />}>Send a message</Button>}>
      {sources.map((node) => (
        <MenuItem key={node.id} onSelect={() => openSendDialog(node.id)}>
          to {titleOfNode(node)}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** Tries one message on the draft, without deploying it. */
function TryButton() {
  const store = useDesignerStore();
  const mayTry = useHasRole("editor");
  const there = useDesigner((state) => state.document.nodes.some((node) => findKind(node.kind)?.role === "source"));
  const open = useDesigner((state) => state.trying !== null);
  if (!mayTry || !there) return null;
  return (
    <Tooltip content="One message through the draft; nothing is written" shortcut="T" side="bottom">
      <Button icon={<Play />} aria-pressed={open} onClick={() => startTrying(store)}>
        Try it
      </Button>
    </Tooltip>
  );
}

function Trying() {
  const trying = useDesigner((state) => state.trying !== null);
  return trying ? <TrialPanel /> : null;
}

/** The inspector, from the first node on that is chosen; in its place what a failure that is simulated leads to. */
function Inspecting() {
  const simulating = useDesigner((state) => state.simulating !== null);
  const chosen = useDesigner((state) => inspectedNode(state) !== null);
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    if (chosen) setOpened(true);
  }, [chosen]);
  if (simulating) return <SimulationPanel />;
  return opened ? <Inspector /> : null;
}

function Lists() {
  const adding = useDesigner((state) => state.quickAdd !== null);
  const finding = useDesigner((state) => state.finding);
  const menu = useDesigner((state) => state.nodeMenu !== null);
  const wiring = useDesigner((state) => state.wiring !== null);
  return (
    <>
      {adding ? <QuickAdd /> : null}
      {finding ? <FindNode /> : null}
      {wiring ? <WireByKeys /> : null}
      {menu ? <NodeMenu /> : null}
    </>
  );
}

function Conflict() {
  const there = useDesigner((state) => state.save.is === "conflict");
  return there ? <ConflictDialog /> : null;
}

function Sending() {
  const open = sendState((state) => state.node !== null);
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    if (open) setOpened(true);
  }, [open]);
  return opened ? <SendDialog /> : null;
}

/** `?restore=3` in the address, from the page of versions: version 3 becomes the draft, in one step that can be undone. */
function Restoring({ flow }: { flow: string }) {
  const store = useDesignerStore();
  const client = useTRPCClient();
  useEffect(() => {
    const address = new URL(window.location.href);
    const number = Number(address.searchParams.get("restore"));
    if (!number) return;
    // Loaded again, the page does not restore again.
    address.searchParams.delete("restore");
    window.history.replaceState(window.history.state, "", address);
    void import("./restore-version").then(({ restoreVersion }) => restoreVersion(store, client, flow, number));
  }, [store, client, flow]);
  return null;
}

/** The flow's own settings; `?settings` in the address opens them. */
function SettingUp() {
  const store = useDesignerStore();
  const open = useDesigner((state) => state.settingUp);
  useEffect(() => {
    if (new URLSearchParams(window.location.search).has("settings")) store.getState().set({ settingUp: true });
  }, [store]);
  useEffect(() => {
    if (!open) return;
    // Closed, they stay closed when the page is loaded again.
    return () => {
      const address = new URL(window.location.href);
      if (!address.searchParams.has("settings")) return;
      address.searchParams.delete("settings");
      window.history.replaceState(window.history.state, "", address);
    };
  }, [open]);
  return open ? <FlowSettingsDialog /> : null;
}

function Empty() {
  const store = useDesignerStore();
  const empty = useDesigner((state) => state.document.nodes.length === 0 && !state.document.notes?.length);
  const readOnly = useDesigner((state) => state.readOnly);
  if (!empty) return null;
  return (
    <div className="pointer-events-none absolute inset-0 grid place-items-center [&_button]:pointer-events-auto">
      <EmptyState
        icon={<MousePointerClick />}
        title="Begin with a source"
        action={
          readOnly ? undefined : (
            <Button
              variant="primary"
              onClick={(event) => {
                const box = event.currentTarget.getBoundingClientRect();
                store.getState().set({ quickAdd: { screen: { x: box.left, y: box.bottom }, at: { x: 0, y: 0 } } });
              }}
            >
              Add a node
            </Button>
          )
        }
      >
        A flow takes messages from somewhere, does something with them, and hands them on. Drag a kind from the left, or
        double click where it should stand.
      </EmptyState>
    </div>
  );
}

/** Asked for once: loaded again, the page does not jump there. */
function forgetPlace(): void {
  const address = new URL(window.location.href);
  for (const name of ["field", "note", "group"]) address.searchParams.delete(name);
  window.history.replaceState(window.history.state, "", address);
}

/** The chosen node, and whether its failure is simulated, stand in the address: a pasted link opens the same view. */
function useSelectionInAddress(store: DesignerStore): void {
  useEffect(() => {
    const asked = new URLSearchParams(window.location.search);
    const node = asked.get("node");
    const place = readPlace(asked);
    if (place) {
      goTo(store, place);
      forgetPlace();
    }
    if (node && store.getState().nodes.some(({ id }) => id === node)) {
      const effect = asked.get("fails");
      if (effect !== null) simulateFailure(store, node, effect === "maybe" ? "maybe" : "none");
    }
    return store.subscribe((state, before) => {
      if (state.nodes === before.nodes && state.simulating === before.simulating) return;
      const [chosen, effect] = [inspectedNode(state), state.simulating?.effect ?? null];
      if (chosen === inspectedNode(before) && effect === (before.simulating?.effect ?? null)) return;
      const address = new URL(window.location.href);
      for (const [name, value] of Object.entries({ node: chosen, fails: effect })) {
        if (value === null) address.searchParams.delete(name);
        else address.searchParams.set(name, value);
      }
      window.history.replaceState(window.history.state, "", address);
    });
  }, [store]);
}
