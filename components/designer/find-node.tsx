"use client";

import { useReactFlow } from "@xyflow/react";
import { StickyNote } from "lucide-react";
import { findInFlow, type Hit } from "@/flow/find";
import { KindChip } from "../drawing/kind-chip";
import { findKind, subtitleOfNode, titleOfNode } from "../drawing/kinds";
import { fieldTitle } from "../form/field-title";
import { motionMs } from "../ui/motion";
import { useDesigner, useDesignerStore } from "./context";
import { nodeOf } from "./edit";
import { goTo, type Place } from "./go-to";
import { type PickItem, PickList } from "./pick-list";
import { rankNodes } from "./rank-nodes";

const shownAtOnce = 60;

/** Ctrl+F: finds nodes by their name, id or kind, and every field, expression and note that a text stands in; leads to it. */
export function FindNode() {
  const store = useDesignerStore();
  const open = useDesigner((state) => state.finding);
  const flow = useReactFlow();
  if (!open) return null;
  const close = () => store.getState().set({ finding: false });
  let places = new Map<string, Place>();
  const search = (text: string): PickItem[] => {
    const { document } = store.getState();
    places = new Map();
    const put = (place: Place, item: Omit<PickItem, "id">): PickItem => {
      const id = `${place.in}-${place.id}-${place.field}`;
      places.set(id, place);
      return { id, ...item };
    };
    const hits = findInFlow(document, text, shownAtOnce).filter((hit) => hit.in !== "flow" || hit.field !== "name");
    const inFields = hits.filter((hit) => hit.in !== "node" || !isName(hit));
    const found = new Set(inFields.map((hit) => hit.id));
    // A node that is found by its settings alone stands there with the field.
    const named = new Set(hits.filter(isName).map((hit) => hit.id));
    const nodes = rankNodes(document.nodes, text).filter((node) => named.has(node.id) || !found.has(node.id));
    return [
      ...nodes.map((node) =>
        put(
          { in: "node", id: node.id, field: "" },
          { icon: <KindChip kind={findKind(node.kind)} />, title: titleOfNode(node), hint: subtitleOfNode(node) },
        ),
      ),
      ...inFields.map((hit) => {
        const node = hit.in === "node" ? nodeOf(document, hit.id) : undefined;
        const kind = node && findKind(node.kind);
        const icon = node ? (
          <KindChip kind={kind} />
        ) : (
          <StickyNote className="size-4 shrink-0 text-muted" aria-hidden />
        );
        const whole = node ? titleOfNode(node) : whats[hit.in];
        return put(hit, { icon, title: `${whole} · ${fieldTitle(kind, hit.field)}`, hint: hit.text });
      }),
    ];
  };
  const canvas = document.querySelector(".drawing")?.getBoundingClientRect();
  return (
    <PickList
      label="Find in this flow"
      placeholder="Find a node, a field, a note"
      empty="It stands nowhere in this flow. Ctrl Shift F looks in all flows."
      screen={{ x: (canvas?.left ?? 0) + 12, y: (canvas?.top ?? 0) + 8 }}
      search={search}
      onPick={(id) => {
        close();
        const place = places.get(id);
        const nodes = place ? goTo(store, place) : [];
        if (nodes.length === 0) return;
        void flow.fitView({ nodes: nodes.map((id) => ({ id })), maxZoom: 1, padding: 0.6, duration: motionMs() });
      }}
      onClose={close}
    />
  );
}

const isName = (hit: Hit) => hit.in === "node" && (hit.field === "title" || hit.field === "id");
const whats = { node: "Node", note: "Note", group: "Group", flow: "The flow" } as const;
