"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Cable, Columns3, Ellipsis, FlaskConical, PanelRightClose, Send, X } from "lucide-react";
import dynamic from "next/dynamic";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { FlowNode } from "@/flow/document";
import { NodeDataProvider, useDataHere } from "../data/node-data";
import { InlineCode } from "../drawing/inline-code";
import { KindChip } from "../drawing/kind-chip";
import { findKind, portsOfNode, titleOfNode } from "../drawing/kinds";
import { isInsideSaga } from "../drawing/regions";
import { ConfigForm } from "../form/config-form";
import { type FormEnvironment, FormEnvironmentProvider } from "../form/environment";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { Callout } from "../ui/callout";
import { Markdown } from "../ui/markdown";
import { Menu } from "../ui/menu";
import { TabPanel, Tabs } from "../ui/tabs";
import { useDesigner, useDesignerStore } from "./context";
import { DisabledChoice } from "./disabled-choice";
import { changeNode, nodeOf } from "./edit";
import { setConfig } from "./edit-settings";
import { FixButton } from "./fix-button";
import { problemsOfNode } from "./indexes";
import { Lanes } from "./lanes";
import { LastMessages } from "./last-messages";
import { MessagesTab } from "./messages-tab";
import { NodeGuarantee } from "./node-guarantee";
import { NodeMenuItems } from "./node-menu-items";
import { Notes } from "./notes-tab";
import { RetryForm } from "./retry-form";
import { SagaRetry } from "./saga-retry";
import { SagasHere } from "./sagas-here";
import { openSendDialog } from "./send-state";
import { canFail, simulateFailure } from "./simulate-failure";
import { type InspectorTab, inspectedNode } from "./store";
import { toggleWide, useInspectorWidth } from "./use-inspector-width";
import { focusNode } from "./walk";

const LastHour = dynamic(() => import("./last-hour").then((module) => module.LastHour), { ssr: false });
const InputPane = lazy(() => import("../data/panes").then(({ InputPane }) => ({ default: InputPane })));
const OutputPane = lazy(() => import("../data/panes").then(({ OutputPane }) => ({ default: OutputPane })));
const Mapper = lazy(() => import("../data/mapper"));

/** The chosen node at the right: settings, messages, retry, notes, help. */
export function Inspector() {
  const store = useDesignerStore();
  const id = useDesigner(inspectedNode);
  const open = useDesigner((state) => state.inspectorOpen);
  const exists = useDesigner((state) => id !== null && nodeOf(state.document, id) !== undefined);
  const { width, isWide, canBeWide, grip } = useInspectorWidth();
  const aside = useRef<HTMLElement>(null);
  const entered = useDesigner((state) => state.wantedField === "$form");
  useEffect(() => {
    if (!entered || id === null) return;
    aside.current?.focus({ preventScroll: true });
    store.getState().set({ wantedField: null });
  }, [entered, id, store]);
  if (id === null || !open || !exists) return null;
  return (
    <aside
      ref={aside}
      // Enter on a node leads here, Escape back to it.
      tabIndex={-1}
      aria-label="Inspector"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || !(event.target instanceof Node)) return;
        // What lies on top (a list, a menu) closes by itself and comes by here from outside of this element.
        if (!event.currentTarget.contains(event.target)) return;
        event.preventDefault();
        focusNode(id);
      }}
      className="relative flex min-h-0 shrink-0 flex-col border-l bg-surface outline-none"
      style={{ width }}
    >
      {grip}
      <NodeInspector key={id} id={id} wide={isWide} widens={canBeWide} />
    </aside>
  );
}

function NodeInspector({ id, wide, widens }: { id: string; wide: boolean; widens: boolean }) {
  const store = useDesignerStore();
  const drawing = useDesigner((state) => state.document);
  const node = nodeOf(drawing, id)!;
  const tab = useDesigner((state) => state.inspectorTab);
  const inSaga = useDesigner((state) => isInsideSaga(state.document, id));
  const kind = findKind(node.kind);
  const change = store.getState().set;
  // What a saga does by itself is no message at a node; what comes in to it from outside is.
  const hasMessages = kind?.inSaga !== "only" || portsOfNode(node).in.length > 1;
  const tabs: { value: InspectorTab; label: string }[] = [
    { value: "settings", label: "Settings" },
    ...(hasMessages && !wide ? [{ value: "data" as const, label: "Data" }] : []),
    ...(hasMessages ? [{ value: "messages" as const, label: "Messages" }] : []),
    ...(kind?.role === "source" || kind?.inSaga === "only"
      ? []
      : [{ value: "errors" as const, label: inSaga ? "Errors" : "Errors and retry" }]),
    { value: "notes", label: "Notes" },
    { value: "help", label: "Help" },
  ];
  const shown = tabs.some(({ value }) => value === tab) ? tab : "settings";
  return (
    <NodeDataProvider drawing={drawing} node={id}>
      <Head id={id} wide={wide} widens={widens && hasMessages} />
      <div className="flex min-h-0 flex-1 divide-x divide-line border-t-0">
        {wide && hasMessages ? (
          <Suspense fallback={<div className="w-[30%] shrink-0" />}>
            <div className="flex w-[30%] shrink-0 flex-col">
              <InputHere isSource={kind?.role === "source"} />
            </div>
          </Suspense>
        ) : null}
        <Tabs
          label="About this node"
          className="min-w-0 flex-1"
          tabs={tabs}
          value={shown}
          onValueChange={(next) => change({ inspectorTab: next, wantedField: null })}
        >
          <TabPanel value="settings">
            <Settings id={id} />
            <NodeGuarantee node={id} />
            <Lanes node={id} />
            <SagasHere node={id} />
            {hasMessages ? <LastHour node={id} /> : null}
            {hasMessages ? <LastMessages node={id} /> : null}
          </TabPanel>
          <TabPanel value="data">
            <Suspense fallback={<p className="p-4 text-muted">Reading…</p>}>
              <div className="flex flex-col divide-y divide-line py-2">
                <InputHere isSource={kind?.role === "source"} />
                {kind?.role === "step" ? <OutputHere node={node} /> : null}
              </div>
            </Suspense>
          </TabPanel>
          <TabPanel value="messages">
            <MessagesTab node={id} />
          </TabPanel>
          <TabPanel value="errors" className="p-4">
            {inSaga ? <SagaRetry node={id} /> : <RetryForm node={id} />}
          </TabPanel>
          <TabPanel value="notes" className="p-4">
            <Notes id={id} />
          </TabPanel>
          <TabPanel value="help" className="p-4">
            {kind ? <Markdown text={kind.help} /> : <p>This Millrace does not know the kind {node.kind}.</p>}
          </TabPanel>
        </Tabs>
        {wide && hasMessages && kind?.role === "step" ? (
          <Suspense fallback={<div className="w-[28%] shrink-0" />}>
            <div className="flex w-[28%] shrink-0 flex-col">
              <OutputHere node={node} />
            </div>
          </Suspense>
        ) : null}
      </div>
    </NodeDataProvider>
  );
}

function InputHere({ isSource }: { isSource: boolean }) {
  return <InputPane data={useDataHere()} isSource={isSource} />;
}

function OutputHere({ node }: { node: FlowNode }) {
  return <OutputPane node={node} data={useDataHere()} />;
}

function Head({ id, wide, widens }: { id: string; wide: boolean; widens: boolean }) {
  const store = useDesignerStore();
  const node = useDesigner((state) => nodeOf(state.document, id))!;
  const readOnly = useDesigner((state) => state.readOnly);
  const wanted = useDesigner((state) => state.wantedField === "$title");
  const maySend = useHasRole("editor");
  const kind = findKind(node.kind);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!wanted) return;
    input.current?.select();
    store.getState().set({ wantedField: null });
  }, [wanted, store]);
  return (
    <div className="flex items-center gap-2.5 px-4 py-3">
      <KindChip kind={kind} />
      <div className="min-w-0 flex-1">
        <input
          ref={input}
          aria-label="Name of the node"
          className="-ml-1 block w-full truncate rounded-sm border border-transparent bg-transparent px-1 text-14 font-semibold leading-[18px] hover:border-line focus:border-line"
          value={node.title ?? ""}
          placeholder={titleOfNode({ ...node, title: undefined })}
          readOnly={readOnly}
          maxLength={120}
          onChange={(event) => {
            const { document, apply } = store.getState();
            apply(changeNode(document, id, { title: event.target.value }), { group: `${id}.title` });
          }}
          onKeyDown={(event) => {
            // The name is written: back to the node, where the keys of the drawing are.
            if (event.key === "Enter") focusNode(id);
          }}
        />
        <p className="truncate text-12 text-muted">
          {kind?.label ?? node.kind} · <span className="font-mono">{id}</span>
        </p>
      </div>
      {kind?.role === "source" && maySend ? (
        <IconButton label="Send a message" side="bottom" onClick={() => openSendDialog(id)}>
          <Send />
        </IconButton>
      ) : null}
      {canFail(store, id) ? (
        <IconButton
          label="Simulate failure here"
          side="bottom"
          shortcut="Shift F"
          onClick={() => simulateFailure(store, id)}
        >
          <FlaskConical />
        </IconButton>
      ) : null}
      {readOnly ? null : (
        <Menu
          trigger={
            <Button variant="ghost" aria-label="More" className="w-[30px] !px-0">
              <Ellipsis />
            </Button>
          }
        >
          <NodeMenuItems node={id} />
        </Menu>
      )}
      {widens ? (
        <IconButton
          label={wide ? "Settings alone" : "Input and output beside the settings"}
          side="bottom"
          shortcut="I"
          onClick={toggleWide}
        >
          {wide ? <PanelRightClose /> : <Columns3 />}
        </IconButton>
      ) : null}
      <IconButton
        label="Close"
        side="bottom"
        shortcut="Esc"
        className="-mr-2"
        onClick={() => store.getState().set({ inspectorOpen: false })}
      >
        <X />
      </IconButton>
    </div>
  );
}

function Settings({ id }: { id: string }) {
  const store = useDesignerStore();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const document = useDesigner((state) => state.document);
  const node = nodeOf(document, id)!;
  const problems = useDesigner((state) => problemsOfNode(state.problems, id));
  const readOnly = useDesigner((state) => state.readOnly);
  const wanted = useDesigner((state) => state.wantedField);
  const { scope, scopes: samples, undoScope, body } = useDataHere();
  const [mapping, setMapping] = useState(false);
  const kind = findKind(node.kind);
  const onPlacesChanged = useCallback(() => {
    void queries.invalidateQueries({ queryKey: trpc.flows.check.queryKey() });
  }, [queries, trpc]);
  const environment = useMemo(
    (): FormEnvironment => ({
      flow: document.name,
      node: id,
      problems,
      scope,
      samples,
      ...(body ? { body } : {}),
      groupScopes: { compensation: undoScope },
      readOnly,
      wanted,
      onPlacesChanged,
    }),
    [document.name, id, problems, scope, samples, body, undoScope, readOnly, wanted, onPlacesChanged],
  );
  const onChange = useCallback(
    (field: string, value: unknown) => {
      const state = store.getState();
      state.apply(setConfig(state.document, id, field, value), { group: `${id}.${field}` });
    },
    [store, id],
  );
  if (!kind) {
    return (
      <div className="p-4">
        <Callout tone="bad" title={`There is no kind “${node.kind}”`} code="node-kind-unknown">
          The node was made by another version of Millrace. Its settings are kept as they are.
        </Callout>
      </div>
    );
  }
  // What has a field stands there; a missing topic can be made there too.
  const homeless = problems.filter(
    ({ field, fix }) => field === undefined || (fix !== undefined && fix.do !== "create-place"),
  );
  return (
    <FormEnvironmentProvider value={environment}>
      <div className="flex flex-col gap-4 p-4">
        {node.disabled ? <DisabledChoice node={node} /> : null}
        {homeless.map((problem) => (
          <Callout
            key={`${problem.code}${problem.field ?? ""}${problem.message}`}
            tone={problem.severity === "error" ? "bad" : "warn"}
            action={<FixButton problem={problem} />}
          >
            <InlineCode text={problem.message} />
          </Callout>
        ))}
        {node.kind === "map" ? (
          <Button className="self-start" icon={<Cable />} onClick={() => setMapping(true)}>
            Map fields by lines
          </Button>
        ) : null}
        <ConfigForm schema={kind.config} config={node.config} onChange={onChange} />
        {mapping ? (
          <Suspense fallback={null}>
            <Mapper
              config={node.config}
              sample={scope?.values.body}
              words={scope?.words}
              readOnly={readOnly}
              onChange={onChange}
              onClose={() => setMapping(false)}
            />
          </Suspense>
        ) : null}
      </div>
    </FormEnvironmentProvider>
  );
}
