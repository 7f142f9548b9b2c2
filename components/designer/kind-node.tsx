"use client";

import type { NodeProps } from "@xyflow/react";
import { Plus } from "lucide-react";
import dynamic from "next/dynamic";
import { memo } from "react";
import { useShallow } from "zustand/react/shallow";
import { deedsOfNode } from "../drawing/deeds";
import { wordsOfDisabled } from "../drawing/disabled-words";
import type { Way } from "../drawing/flow-drawing";
import { findKind, portsOfNode, subtitleOfNode, titleOfNode } from "../drawing/kinds";
import { NodeCard } from "../drawing/node-card";
import { NodeNotes } from "../drawing/node-notes";
import { useLive } from "../trpc/use-live";
import { formatCompact, formatCount } from "../ui/formats";
import { wordsOfNode } from "../ui/state-words";
import type { CanvasNode } from "./canvas-state";
import { CompanyRing } from "./company";
import { useDesignerStore, useStanding } from "./context";
import { DeadLetterPill } from "./dead-letter-pill";
import { nodeOf } from "./edit";
import { HeldPill } from "./held-pill";
import { failingNodes, markedNodes, problemsOfNode, wiredPorts } from "./indexes";
import { wordsOfFigures } from "./live-figures";
import { wordsOfTrouble } from "./node-trouble";
import { ParkedPill } from "./parked-pill";

const NodeFix = dynamic(() => import("./node-problem").then((module) => module.NodeFix), { ssr: false });

/** A node on the canvas: reads its own part of the document, the problems and the live data, and nothing else. */
export const KindNode = memo(function KindNode({ id, selected }: NodeProps<CanvasNode>) {
  const node = useStanding((state) => nodeOf(state.document, id));
  const flow = useStanding((state) => state.document.name);
  const problem = useStanding((state) =>
    problemsOfNode(state.problems, id).find(({ severity }) => severity === "error"),
  );
  const changed = useStanding((state) => state.changedNodes.has(id));
  const weakens = useStanding((state) => (state.semantics ? (markedNodes(state.semantics).get(id) ?? null) : null));
  const wired = useStanding((state) => wiredPorts(state.document.edges, id));
  const readOnly = useStanding((state) => state.readOnly);
  const laid = useStanding((state) => state.way !== null);
  const own = useStanding((state) => state.way?.nodes[id]);
  const failing = useStanding((state) => (state.cases.run ? (failingNodes(state.cases.run).get(id) ?? null) : null));
  const live = useLive(
    useShallow((all) => {
      const seen = all.flows[flow];
      const own = seen && seen.desired === "running" ? seen.nodes[id] : undefined;
      const trouble = own ? wordsOfTrouble(own) : null;
      return {
        state: own?.state,
        tone: trouble?.tone,
        text: trouble?.text,
        hasFigures: own !== undefined && wordsOfFigures(own) !== null,
        held: own?.held ?? 0,
        stuck: seen?.nodes[id]?.stuck ?? 0,
        parked: seen?.nodes[id]?.parked ?? 0,
        hasLetters: (seen?.deadLetters ?? 0) > 0,
      };
    }),
  );
  if (!node) return null;
  const title = titleOfNode(node);
  const state = live.state ? wordsOfNode(live.state) : null;
  const running =
    state && live.state ? { tone: state.tone === "accent" ? ("ok" as const) : state.tone, word: state.words } : null;
  const trouble = live.tone && live.text ? { tone: live.tone, text: live.text } : null;
  return (
    <div
      className="relative"
      data-node-id={id}
      data-state={live.state}
      data-invalid={problem ? true : undefined}
      data-way={laid ? (own?.tone ?? "off") : undefined}
    >
      <NodeCard
        title={title}
        subtitle={subtitleOfNode(node)}
        kind={findKind(node.kind)}
        ports={portsOfNode(node)}
        deeds={deedsOfNode(node)}
        sides={own?.sides}
        selected={selected}
        // What is simulated is looked at by itself: how it runs comes back behind it.
        state={laid ? (own ?? null) : running}
        problem={problem?.message ?? null}
        fix={selected && problem?.fix ? <NodeFix problem={problem} /> : null}
        disabled={wordsOfDisabled(node)}
        notes={node.notes ? <NodeNotes text={node.notes} /> : null}
        trouble={laid ? troubleOf(own) : trouble}
        way={laid ? (own?.tone === "idle" ? null : (own?.tone ?? "off")) : null}
        figures={laid || !live.hasFigures ? null : <NodeFigures flow={flow} node={id} />}
        says={own?.says}
        untested={own?.untested}
        failing={laid ? null : failing}
        changed={changed}
        weakens={weakens}
        wired={wired}
        connectable={!readOnly}
        badge={laid ? null : <HeldPill flow={flow} node={id} kind={node.kind} count={live.held} stuck={live.stuck} />}
        deadLetters={
          laid ? null : (
            <>
              <ParkedPill flow={flow} node={id} count={live.parked} />
              {live.hasLetters ? <DeadLetterPill flow={flow} node={id} /> : null}
            </>
          )
        }
        leftBy={laid ? undefined : (port) => <LeftBy flow={flow} node={id} port={port} />}
        atPort={readOnly ? undefined : (port) => <AddAtPort node={id} port={port} title={title} reachable={selected} />}
      />
      <CompanyRing node={id} />
    </div>
  );
}, isSameNode);

/** Its place is React Flow's: a node that is dragged is not drawn anew. */
function isSameNode(before: NodeProps<CanvasNode>, after: NodeProps<CanvasNode>): boolean {
  return before.id === after.id && before.selected === after.selected;
}

/** By itself: figures change twice a second, and draw no more than their line anew. */
function NodeFigures({ flow, node }: { flow: string; node: string }) {
  const words = useLive((all) => {
    const own = all.flows[flow]?.nodes[node];
    return own ? wordsOfFigures(own) : null;
  });
  return <span className="node-live">{words}</span>;
}

/** How many left by a port that has no wire to tell it. */
function LeftBy({ flow, node, port }: { flow: string; node: string; port: string }) {
  const count = useLive((all) => all.flows[flow]?.nodes[node]?.ports[port] ?? 0);
  if (count === 0) return null;
  return (
    <span className="wire-rate" title={`${formatCount(count)} messages left by this port since this version began.`}>
      {formatCompact(count)}
    </span>
  );
}

/** Words under a node that something is laid over. */
function troubleOf(own: Way["nodes"][string] | undefined) {
  return own?.words && (own.tone === "bad" || own.tone === "warn") ? { tone: own.tone, text: own.words } : null;
}

function AddAtPort(props: { node: string; port: string; title: string; reachable: boolean }) {
  const { node, port, title } = props;
  const store = useDesignerStore();
  return (
    <button
      type="button"
      // With a hundred nodes only those of the chosen one are stops of the Tab key.
      tabIndex={props.reachable ? 0 : -1}
      aria-label={`Add a node behind ${title}${port === "out" ? "" : `, port ${port}`}`}
      className="nodrag grid size-6 place-items-center rounded-md border border-line bg-surface text-muted shadow-node hover:border-accent hover:text-accent"
      onClick={(event) => {
        event.stopPropagation();
        const state = store.getState();
        const place = state.nodes.find((other) => other.id === node)?.position ?? { x: 0, y: 0 };
        const box = event.currentTarget.getBoundingClientRect();
        state.set({
          quickAdd: {
            screen: { x: box.right, y: box.top },
            at: { x: place.x + 300, y: place.y },
            from: { node, port },
          },
        });
      }}
    >
      <Plus className="size-3.5" aria-hidden />
    </button>
  );
}
