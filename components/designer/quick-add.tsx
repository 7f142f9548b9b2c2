"use client";

import type { Kind } from "@/flow/kind";
import { KindChip } from "../drawing/kind-chip";
import { findKind, titleOfNode } from "../drawing/kinds";
import { addByQuickAdd } from "./add-kind";
import { useDesigner, useDesignerStore } from "./context";
import { connect, refuseWire } from "./edit";
import { searchKinds } from "./kind-list";
import { type PickItem, PickList } from "./pick-list";
import type { QuickAdd as Place } from "./store";

/** The list of kinds at the pointer, and behind a port also of the nodes that are there already. */
export function QuickAdd() {
  const place = useDesigner((state) => state.quickAdd);
  return place ? <KindsAt key={`${place.screen.x}:${place.screen.y}`} place={place} /> : null;
}

function KindsAt({ place }: { place: Place }) {
  const store = useDesignerStore();
  const close = () => store.getState().set({ quickAdd: null });
  // Behind a port or in a wire only what takes messages fits, in a wire only what hands them on.
  const fits = (kind: Kind) =>
    place.wire !== undefined ? kind.role === "step" : place.from ? kind.role !== "source" : true;

  const search = (text: string): PickItem[] => {
    const kinds = searchKinds(text, fits).map((kind) => ({
      id: kind.kind,
      icon: <KindChip kind={kind} />,
      title: kind.label,
      hint: kind.summary,
    }));
    const { from } = place;
    if (!from) return kinds;
    const { document } = store.getState();
    const there = document.nodes
      .filter((node) => refuseWire(document, from, { node: node.id, port: "in" }) === null)
      .filter((node) => `${titleOfNode(node)} ${node.id}`.toLowerCase().includes(text.toLowerCase()))
      .map((node) => ({
        id: `node:${node.id}`,
        icon: <KindChip kind={findKind(node.kind)} />,
        title: `To ${titleOfNode(node)}`,
        hint: "A wire to a node that is there",
      }));
    return [...kinds, ...there];
  };
  const pick = (id: string) => {
    if (!id.startsWith("node:") || !place.from) return addByQuickAdd(store, id, place);
    const { document, apply } = store.getState();
    apply(connect(document, place.from, { node: id.slice("node:".length), port: "in" }));
    close();
  };
  return (
    <PickList
      label="Add a node"
      placeholder={place.from ? `What comes behind ${place.from.node}?` : "Search kinds"}
      empty="No kind fits."
      screen={place.screen}
      search={search}
      onPick={pick}
      onClose={close}
    />
  );
}
