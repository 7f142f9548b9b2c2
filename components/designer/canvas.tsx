"use client";

import "@xyflow/react/dist/base.css";
import "../drawing/drawing.css";
import {
  Background,
  BackgroundVariant,
  type Connection,
  type EdgeTypes,
  type FinalConnectionState,
  MiniMap,
  type NodeTypes,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  ViewportPortal,
} from "@xyflow/react";
import dynamic from "next/dynamic";
import { type DragEvent, type MouseEvent, memo, useCallback, useEffect, useMemo, useRef } from "react";
import { Detail } from "../drawing/detail";
import { findKind } from "../drawing/kinds";
import type { CanvasEdge, CanvasNode } from "./canvas-state";
import { useDesigner, useDesignerStore } from "./context";
import { addNode, addNote, connect, insertOnWire, nodeOf, noteId, type Point, refuseWire } from "./edit";
import { findWireAt } from "./find-wire";
import { fitOptions } from "./fit-options";
import { fitsAt } from "./fitting-kinds";
import { wiredPorts } from "./indexes";
import { KindNode } from "./kind-node";
import { noteUse } from "./kind-use";
import { NoteNode } from "./note-node";
import { openQuickAddAt } from "./open-quick-add";
import { useShortcuts } from "./shortcuts";
import { canFail } from "./simulate-failure";
import { useView } from "./use-view";
import { WireEdge } from "./wire-edge";

const SagaHulls = dynamic(() => import("../drawing/saga-hulls").then((module) => module.SagaHulls), { ssr: false });

const GroupFrames = dynamic(() => import("./group-frames").then((module) => module.GroupFrames), { ssr: false });
const ArrangeBar = dynamic(() => import("./arrange-bar").then((module) => module.ArrangeBar), { ssr: false });

const nodeTypes: NodeTypes = { kind: KindNode, note: NoteNode };
const edgeTypes: EdgeTypes = { wire: WireEdge };
const mapSize = { width: 150, height: 92 };
/** What the palette puts on a drag: the kind's name, or `note`. */
export const dragType = "application/x-millrace-kind";

/** The drawing as it is edited. What it hands to React Flow keeps its identity: else each node and wire is drawn anew with it. */
export const Canvas = memo(function Canvas({ label }: { label: string }) {
  const store = useDesignerStore();
  const nodes = useDesigner((state) => state.nodes);
  const edges = useDesigner((state) => state.edges);
  const readOnly = useDesigner((state) => state.readOnly);
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  const pointer = useRef<Point | null>(null);
  const frame = useRef<HTMLElement>(null);
  useShortcuts(frame, pointer);

  const isValidConnection = useCallback(
    (wire: Connection | CanvasEdge) => {
      const [from, to] = endsOf(wire);
      return refuseWire(store.getState().document, from, to) === null;
    },
    [store],
  );
  const onConnect = useCallback(
    (wire: Connection) => {
      const { document, apply } = store.getState();
      apply(connect(document, ...endsOf(wire)));
    },
    [store],
  );
  /** A wire dropped on empty space offers kinds for its other end. */
  const onConnectEnd = useCallback(
    (event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
      const { fromNode, fromHandle, toNode } = state;
      if (!fromNode || !fromHandle || toNode) return;
      const point = "changedTouches" in event ? event.changedTouches[0]! : event;
      const at = flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
      store.getState().set({
        quickAdd: {
          screen: { x: point.clientX, y: point.clientY },
          ...(fromHandle.type === "source"
            ? { at: { x: at.x, y: at.y - 27 }, from: { node: fromNode.id, port: fromHandle.id ?? "out" } }
            : { at: { x: at.x - 212, y: at.y - 27 }, to: { node: fromNode.id, port: fromHandle.id ?? "in" } }),
        },
      });
    },
    [store, flow],
  );

  const onDragOver = useCallback(
    (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(dragType)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      const wire = findWireAt(event.clientX, event.clientY);
      if (wire !== store.getState().dropWire) store.getState().set({ dropWire: wire });
    },
    [store],
  );
  const onDrop = useCallback(
    (event: DragEvent) => {
      const kind = event.dataTransfer.getData(dragType);
      if (!kind) return;
      event.preventDefault();
      const { document, apply, set } = store.getState();
      set({ dropWire: null });
      const at = flow.screenToFlowPosition({ x: event.clientX - 106, y: event.clientY - 27 });
      if (kind === "note") {
        const note = addNote(document, at);
        apply(note.document, { select: [noteId(note.id)] });
        return;
      }
      noteUse(kind);
      const added = addNode(document, kind, at);
      const found = findWireAt(event.clientX, event.clientY);
      const known = findKind(kind);
      // Only what hands messages on, and may stand there, goes in between.
      const wire = found && known && fitsAt(document, { wire: found }, known) ? found : null;
      apply(wire ? insertOnWire(added.document, wire, added.id) : added.document, { select: [added.id] });
    },
    [store, flow],
  );

  /** A lone node without wires that is dragged onto a wire goes in between. */
  const wireUnder = useCallback(
    (node: CanvasNode): string | null => {
      const { document, nodes: all } = store.getState();
      if (node.type !== "kind" || all.filter((other) => other.selected).length > 1) return null;
      const touched =
        wiredPorts(document.edges, node.id).size > 0 ||
        document.edges.some((edge) => edge.to.split(".")[0] === node.id);
      if (touched || !nodeOf(document, node.id)) return null;
      const middle = flow.flowToScreenPosition({ x: node.position.x + 106, y: node.position.y + 27 });
      const wire = findWireAt(middle.x, middle.y);
      const kind = findKind(nodeOf(document, node.id)!.kind);
      return wire && kind && fitsAt(document, { wire }, kind) ? wire : null;
    },
    [store, flow],
  );
  const onNodeDrag = useCallback(
    (_: unknown, node: CanvasNode) => {
      const wire = wireUnder(node);
      if (wire !== store.getState().dropWire) store.getState().set({ dropWire: wire });
    },
    [store, wireUnder],
  );
  const onNodeDragStop = useCallback(
    (_: unknown, node: CanvasNode) => {
      const wire = wireUnder(node);
      store.getState().set({ dropWire: null });
      // Moved and put in between is one thing to a person: one step back.
      if (wire) {
        const { document, apply } = store.getState();
        apply(insertOnWire(document, wire, node.id), { join: true });
      }
    },
    [store, wireUnder],
  );

  const onPaneDoubleClick = useCallback(
    (event: MouseEvent) => {
      if (readOnly || !(event.target instanceof Element) || !event.target.classList.contains("react-flow__pane"))
        return;
      openQuickAddAt({ store, flow }, { x: event.clientX, y: event.clientY });
    },
    [store, flow, readOnly],
  );

  const onNodeContextMenu = useCallback(
    (event: MouseEvent, node: CanvasNode) => {
      // Who may only look has a menu where there is something to see.
      if (node.type !== "kind" || (store.getState().readOnly && !canFail(store, node.id))) return;
      event.preventDefault();
      // By the keyboard it comes without a place: then under the node.
      const box = event.currentTarget.getBoundingClientRect();
      const isPointed = event.clientX > 0 || event.clientY > 0;
      const screen = isPointed ? { x: event.clientX, y: event.clientY } : { x: box.left + 12, y: box.bottom - 8 };
      store.getState().set({ nodeMenu: { node: node.id, screen } });
    },
    [store],
  );

  /** A click on one of several chosen nodes chooses that one; React Flow would leave all chosen. */
  const onNodeClick = useCallback(
    ({ shiftKey, ctrlKey, metaKey }: MouseEvent, node: CanvasNode) => {
      if (!shiftKey && !ctrlKey && !metaKey) store.getState().select([node.id]);
    },
    [store],
  );
  const onNodeDoubleClick = useCallback(
    (_: MouseEvent, node: CanvasNode) => {
      if (node.type === "kind") store.getState().inspect(node.id);
    },
    [store],
  );

  useOpeningLayout();
  const { onMoveStart, onMoveEnd } = useView(frame);

  return (
    <section
      ref={frame}
      className="drawing absolute inset-0"
      aria-label={label}
      onPointerMove={(event) => {
        pointer.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerLeave={() => {
        pointer.current = null;
      }}
      onDoubleClick={onPaneDoubleClick}
      onDragOver={onDragOver}
      onDragLeave={() => store.getState().set({ dropWire: null })}
      onDrop={onDrop}
    >
      <Detail>
        <ReactFlow<CanvasNode, CanvasEdge>
          nodes={nodes}
          edges={edges}
          onNodesChange={store.getState().changeNodes}
          onEdgesChange={store.getState().changeEdges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          isValidConnection={isValidConnection}
          onConnect={onConnect}
          onConnectEnd={onConnectEnd}
          onNodeDrag={onNodeDrag}
          onNodeDragStop={onNodeDragStop}
          onNodeContextMenu={onNodeContextMenu}
          onNodeClick={onNodeClick}
          onNodeDoubleClick={onNodeDoubleClick}
          onMoveStart={onMoveStart}
          onMoveEnd={onMoveEnd}
          nodesConnectable={!readOnly}
          nodesDraggable={!readOnly}
          zoomOnDoubleClick={false}
          deleteKeyCode={null}
          disableKeyboardA11y={false}
          selectionMode={SelectionMode.Partial}
          connectionRadius={28}
          minZoom={0.2}
          maxZoom={2}
          fitView
          fitViewOptions={fitOptions}
          attributionPosition="top-right"
          onlyRenderVisibleElements={nodes.length > 150}
        >
          <Groups />
          <Sagas />
          <Guides />
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--dots)" />
          <MiniMap
            pannable
            zoomable
            ariaLabel="Map of the drawing"
            className="!m-3 overflow-hidden rounded-md border border-line"
            style={mapSize}
            offsetScale={8}
            nodeBorderRadius={12}
          />
        </ReactFlow>
      </Detail>
      <Arranging />
    </section>
  );
});

/** Loaded when several nodes are chosen for the first time. */
function Arranging() {
  const several = useDesigner((state) => !state.readOnly && state.nodes.filter((node) => node.selected).length > 1);
  return several ? <ArrangeBar /> : null;
}

/** Behind the nodes of each group; loaded with the first one that is drawn. */
function Groups() {
  const any = useDesigner((state) => (state.document.groups?.length ?? 0) > 0);
  return any ? <GroupFrames /> : null;
}

/** Lines on which what is dragged stands with another. */
function Guides() {
  const guides = useDesigner((state) => state.guides);
  if (!guides) return null;
  const far = 20_000;
  return (
    <ViewportPortal>
      {guides.x === undefined ? null : (
        <div className="guide" style={{ left: guides.x, top: -far, width: 1, height: 2 * far }} />
      )}
      {guides.y === undefined ? null : (
        <div className="guide" style={{ top: guides.y, left: -far, height: 1, width: 2 * far }} />
      )}
    </ViewportPortal>
  );
}

/** Behind the nodes of each saga; loaded with the first one that is drawn. */
function Sagas() {
  const document = useDesigner((state) => state.document);
  const any = useMemo(() => document.nodes.some((node) => findKind(node.kind)?.holds === "saga"), [document]);
  return any ? <PlacedHulls /> : null;
}

function PlacedHulls() {
  const document = useDesigner((state) => state.document);
  const nodes = useDesigner((state) => state.nodes);
  return <SagaHulls document={document} places={new Map(nodes.map((node) => [node.id, node.position]))} />;
}

function endsOf(wire: Connection | CanvasEdge) {
  return [
    { node: wire.source, port: wire.sourceHandle ?? "out" },
    { node: wire.target, port: wire.targetHandle ?? "in" },
  ] as const;
}

/** A file without places is laid out when it is opened; that alone is no change of the draft. */
function useOpeningLayout() {
  const store = useDesignerStore();
  const { fitView } = useReactFlow();
  useEffect(() => {
    const { document } = store.getState();
    if (document.nodes.length === 0 || document.nodes.some((node) => node.position)) return;
    let gone = false;
    void import("../drawing/lay-out-aside").then(async ({ layOutAside }) => {
      const places = await layOutAside(document);
      if (gone) return;
      store.getState().place(places);
      requestAnimationFrame(() => void fitView(fitOptions));
    });
    return () => {
      gone = true;
    };
  }, [store, fitView]);
}
