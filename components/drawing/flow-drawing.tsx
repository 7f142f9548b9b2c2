"use client";

import "@xyflow/react/dist/base.css";
import "./drawing.css";
import {
  Background,
  BackgroundVariant,
  type Edge,
  type EdgeProps,
  type EdgeTypes,
  type Node,
  type NodeProps,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  ViewportPortal,
} from "@xyflow/react";
import { createContext, memo, type ReactNode, use, useEffect, useMemo, useState } from "react";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { nameEdge, parseEndpoint } from "@/flow/graph";
import { Markdown } from "../ui/markdown";
import { Tag } from "../ui/tag";
import { deedsOfNode } from "./deeds";
import { Detail } from "./detail";
import { wordsOfDisabled } from "./disabled-words";
import { FollowNode } from "./follow-node";
import { framesOf } from "./group-frames";
import { findKind, portsOfNode, subtitleOfNode, titleOfNode } from "./kinds";
import { nodeHeight, nodeWidth } from "./measures";
import { NodeCard, type Tone } from "./node-card";
import { NodeNotes } from "./node-notes";
import type { NodeSide } from "./node-sides";
import { placeMissing } from "./place-missing";
import { hasSaga } from "./regions";
import { SagaHulls } from "./saga-hulls";
import { Wire } from "./wire";

export interface NodeOnWay {
  tone: Tone;
  word: string;
  /** Under the node where something is amiss. */
  words?: string;
  /** Under the node: what it gave, or would do. */
  says?: string;
  /** Under the node: what it did, as figures. */
  figures?: ReactNode;
  /** No test comes by. */
  untested?: boolean;
  sides?: readonly NodeSide[];
  /** Before the word, which then stands on the node's edge instead of a dot. */
  sign?: string;
  /** It is there no more. */
  ghost?: boolean;
}

/** What is laid over a drawing: the way a message took, what differs between two versions. What it does not name is dimmed. */
export interface Way {
  nodes: Readonly<Record<string, NodeOnWay>>;
  /** By `from>to`, as in the file; `label` stands at the middle of the wire; `back`: what was done behind it was taken back; `ghost`: it is there no more. */
  edges: Readonly<Record<string, { tone: Tone; label?: string; back?: boolean; ghost?: boolean }>>;
}

interface Shown {
  way: Way | undefined;
  wired: ReadonlyMap<string, ReadonlySet<string>>;
}

type DrawnNode = Node<{ node: FlowNode }, "kind" | "note">;
type DrawnEdge = Edge<{ key: string }, "wire">;

const ShownContext = createContext<Shown>({ way: undefined, wired: new Map() });
const nodeTypes: NodeTypes = { kind: memo(ReadNode), note: memo(ReadNote) };
const edgeTypes: EdgeTypes = { wire: memo(ReadWire) };
const fitOptions = { padding: 0.14, maxZoom: 1.1 };

/** A document drawn to be read, never changed. It fills its parent; a file without places is laid out. */
export function FlowDrawing({
  document,
  way,
  selected,
  onSelect,
  label = "Drawing of the flow",
  follow = false,
  smallestZoom,
  inScroller = false,
  children,
}: {
  document: FlowDocument;
  way?: Way | undefined;
  selected?: string | null;
  onSelect?(node: string | null): void;
  label?: string;
  /** Keeps the selected node in sight and readable, however long the drawing is. */
  follow?: boolean;
  /** When it follows: so small it may begin, to be seen as a whole. */
  smallestZoom?: number;
  /** The page scrolls by the wheel; the drawing is zoomed with Ctrl. */
  inScroller?: boolean;
  /** Over the drawing. */
  children?: ReactNode;
}) {
  const placed = usePlaces(document);
  const shown = useMemo((): Shown => {
    const wired = new Map<string, Set<string>>();
    for (const edge of document.edges) {
      const { node, port } = parseEndpoint(edge.from, "out");
      wired.set(node, (wired.get(node) ?? new Set()).add(port));
    }
    return { way, wired };
  }, [document, way]);
  const nodes = useMemo((): DrawnNode[] => {
    if (!placed) return [];
    const own = placed.nodes.map(
      (node): DrawnNode => ({
        id: node.id,
        type: "kind",
        position: node.position ?? { x: 0, y: 0 },
        data: { node },
        // Known beforehand: a node that is drawn anew is not measured anew, and would vanish.
        measured: { width: nodeWidth, height: nodeHeight(node) },
        selected: node.id === selected,
        ariaLabel: `${titleOfNode(node)}${way?.nodes[node.id] ? `, ${way.nodes[node.id]!.word}` : ""}`,
      }),
    );
    const notes = (placed.notes ?? []).map(
      (note): DrawnNode => ({
        id: `note:${note.id}`,
        type: "note",
        position: note.position,
        data: { node: { id: note.id, kind: "note", config: {}, notes: note.text } },
        measured: { width: 200, height: 60 },
        selectable: false,
        focusable: false,
      }),
    );
    return [...own, ...notes];
  }, [placed, selected, way]);
  const edges = useMemo((): DrawnEdge[] => {
    const ids = new Set(document.nodes.map((node) => node.id));
    const keys = new Set<string>();
    return document.edges.flatMap((edge): DrawnEdge[] => {
      const key = nameEdge(edge);
      const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
      if (keys.has(key) || !ids.has(from.node) || !ids.has(to.node)) return [];
      keys.add(key);
      return [
        {
          id: key,
          type: "wire",
          source: from.node,
          sourceHandle: from.port,
          target: to.node,
          targetHandle: to.port,
          data: { key },
          focusable: false,
          selectable: false,
        },
      ];
    });
  }, [document]);

  return (
    <section className="drawing relative size-full min-h-0 bg-bg" aria-label={label}>
      {placed ? (
        <ShownContext value={shown}>
          <ReactFlowProvider>
            <Detail>
              <ReactFlow<DrawnNode, DrawnEdge>
                nodes={nodes}
                edges={edges}
                nodeTypes={nodeTypes}
                edgeTypes={edgeTypes}
                nodesDraggable={false}
                nodesConnectable={false}
                deleteKeyCode={null}
                fitView={!follow}
                fitViewOptions={fitOptions}
                zoomOnScroll={!inScroller}
                preventScrolling={!inScroller}
                minZoom={0.2}
                maxZoom={2}
                onlyRenderVisibleElements={nodes.length > 150}
                onNodeClick={(_, node) => node.type === "kind" && onSelect?.(node.id)}
                onPaneClick={() => onSelect?.(null)}
                onNodesChange={(changes) => {
                  // By the keyboard: React Flow chooses the focused node on Enter or Space.
                  const chosen = changes.find((change) => change.type === "select" && change.selected);
                  if (chosen?.type === "select" && chosen.id !== selected) onSelect?.(chosen.id);
                }}
              >
                {placed.groups ? <ReadGroups document={placed} /> : null}
                {placed && hasSaga(placed) ? <SagaHulls document={placed} places={placesOf(placed)} /> : null}
                <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--dots)" />
                {follow ? (
                  <FollowNode nodes={placed.nodes} chosen={selected ?? null} smallestZoom={smallestZoom} />
                ) : null}
              </ReactFlow>
            </Detail>
          </ReactFlowProvider>
        </ShownContext>
      ) : null}
      {children}
    </section>
  );
}

/** The document with a place for every node; `null` while they are worked out. */
function usePlaces(document: FlowDocument): FlowDocument | null {
  const hasPlaces = document.nodes.length === 0 || document.nodes.some((node) => node.position);
  const [laidOut, setLaidOut] = useState<{ of: FlowDocument; placed: FlowDocument } | null>(null);
  useEffect(() => {
    if (hasPlaces) return;
    let gone = false;
    void import("./layout").then(({ layOut }) => {
      const places = layOut(document);
      const nodes = document.nodes.map((node) => ({ ...node, position: places.get(node.id) ?? { x: 0, y: 0 } }));
      if (!gone) setLaidOut({ of: document, placed: { ...document, nodes } });
    });
    return () => {
      gone = true;
    };
  }, [document, hasPlaces]);
  const placed = useMemo(() => (hasPlaces ? fillPlaces(document) : document), [document, hasPlaces]);
  if (hasPlaces) return placed;
  return laidOut?.of === document ? laidOut.placed : null;
}

/** The document with places for the nodes that it gives none, where others have some. */
function fillPlaces(document: FlowDocument): FlowDocument {
  if (document.nodes.every(({ position }) => position)) return document;
  const places = placeMissing(document);
  return {
    ...document,
    nodes: document.nodes.map((node) => ({ ...node, position: node.position ?? places.get(node.id)! })),
  };
}

/** The frames of groups, as they stand in the document. */
function ReadGroups({ document }: { document: FlowDocument }) {
  return (
    <ViewportPortal>
      {framesOf(document, placesOf(document)).map(({ group, x, y, width, height }) => (
        <section
          key={group.id}
          className="group-frame"
          aria-label={`Group ${group.title}`}
          data-color={group.color ?? "gray"}
          style={{ transform: `translate(${x}px, ${y}px)`, width, height }}
        >
          <div className="group-head">
            <span className="group-title !cursor-default leading-[30px]">{group.title}</span>
          </div>
        </section>
      ))}
    </ViewportPortal>
  );
}

const placesOf = (document: FlowDocument) =>
  new Map(document.nodes.map((node) => [node.id, node.position ?? { x: 0, y: 0 }]));

const noPorts: ReadonlySet<string> = new Set();

function ReadNode({ id, data, selected }: NodeProps<DrawnNode>) {
  const { way, wired } = use(ShownContext);
  const own = way?.nodes[id];
  return (
    <div data-node-id={id} data-way={way ? (own?.tone ?? "off") : undefined} data-ghost={own?.ghost || undefined}>
      <NodeCard
        title={titleOfNode(data.node)}
        subtitle={subtitleOfNode(data.node)}
        kind={findKind(data.node.kind)}
        ports={portsOfNode(data.node)}
        deeds={deedsOfNode(data.node)}
        sides={own?.sides}
        selected={selected}
        state={own && !own.sign ? { tone: own.tone, word: own.word } : null}
        badge={own?.sign ? <Mark tone={own.tone} sign={own.sign} word={own.word} /> : null}
        trouble={own?.words && (own.tone === "bad" || own.tone === "warn") ? { tone: own.tone, text: own.words } : null}
        says={own?.says}
        figures={own?.figures}
        untested={own?.untested}
        wired={wired.get(id) ?? noPorts}
        disabled={wordsOfDisabled(data.node)}
        notes={data.node.notes ? <NodeNotes text={data.node.notes} /> : null}
        connectable={false}
        way={way ? (own?.tone === "idle" ? null : (own?.tone ?? "off")) : null}
      />
    </div>
  );
}

function Mark({ tone, sign, word }: { tone: Tone; sign: string; word: string }) {
  return (
    <Tag tone={tone} className="border border-line shadow-float">
      <span aria-hidden>{sign}</span>
      {word}
    </Tag>
  );
}

function ReadNote({ data }: NodeProps<DrawnNode>) {
  return (
    <div className="canvas-note">
      <Markdown text={data.node.notes ?? ""} />
    </div>
  );
}

function ReadWire(props: EdgeProps<DrawnEdge>) {
  const { way } = use(ShownContext);
  const own = way?.edges[props.id];
  const tone = way ? (own ? (own.tone === "idle" ? "plain" : own.tone) : "off") : "plain";
  return (
    <g
      data-edge-id={props.id}
      data-way={way ? (own?.tone ?? "off") : undefined}
      data-back={own?.back}
      data-ghost={own?.ghost}
    >
      <Wire
        sourceX={props.sourceX}
        sourceY={props.sourceY}
        targetX={props.targetX}
        targetY={props.targetY}
        sourcePosition={props.sourcePosition}
        targetPosition={props.targetPosition}
        tone={tone}
        error={props.sourceHandleId === "error"}
        back={own?.back ?? false}
        label={own?.label ? <span className="wire-rate">{own.label}</span> : null}
      />
    </g>
  );
}
