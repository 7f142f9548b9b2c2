"use client";

import { formatEndpoint, parseEndpoint } from "@/flow/graph";
import { KindChip } from "../drawing/kind-chip";
import { findKind, portsOfNode, titleOfNode } from "../drawing/kinds";
import { addByQuickAdd } from "./add-kind";
import { useDesigner, useDesignerStore } from "./context";
import { connect, refuseWire } from "./edit";
import { findFitting } from "./fitting-kinds";
import { type PickItem, PickList } from "./pick-list";
import type { QuickAdd as Place } from "./store";

/** Before an endpoint, in the id of an item that is a node which is there. */
const wiredTo = "node:";

/** The list of kinds at the pointer, and behind a port also of the nodes that are there already. */
export function QuickAdd() {
  const place = useDesigner((state) => state.quickAdd);
  return place ? <KindsAt key={`${place.screen.x}:${place.screen.y}`} place={place} /> : null;
}

function KindsAt({ place }: { place: Place }) {
  const store = useDesignerStore();
  const close = () => store.getState().set({ quickAdd: null });
  const search = (text: string): PickItem[] => {
    const kinds = findFitting(store.getState().document, place, text).map((kind) => ({
      id: kind.kind,
      icon: <KindChip kind={kind} />,
      title: kind.label,
      hint: kind.summary,
    }));
    const { from } = place;
    if (!from) return kinds;
    const { document } = store.getState();
    const there = document.nodes
      .filter((node) => `${titleOfNode(node)} ${node.id}`.toLowerCase().includes(text.toLowerCase()))
      .flatMap((node) => portsOfNode(node).in.map((port) => ({ node, port })))
      .filter(({ node, port }) => refuseWire(document, from, { node: node.id, port }) === null)
      .map(({ node, port }) => ({
        id: `${wiredTo}${formatEndpoint({ node: node.id, port }, "in")}`,
        icon: <KindChip kind={findKind(node.kind)} />,
        title: `To ${titleOfNode(node)}${port === "in" ? "" : `, ${port}`}`,
        hint: "A wire to a node that is there",
      }));
    return place.nodesFirst ? [...there, ...kinds] : [...kinds, ...there];
  };
  const pick = (id: string) => {
    if (!id.startsWith(wiredTo) || !place.from) return addByQuickAdd(store, id, place);
    const { document, apply } = store.getState();
    apply(connect(document, place.from, parseEndpoint(id.slice(wiredTo.length), "in")));
    close();
  };
  return (
    <PickList
      label={place.replaces === undefined ? "Add a node" : "Replace the node"}
      placeholder={
        place.replaces !== undefined
          ? `What stands in place of ${place.replaces}?`
          : place.from
            ? `What comes behind ${place.from.node}?`
            : place.to
              ? `What comes before ${place.to.node}?`
              : "Search kinds"
      }
      empty="No kind fits."
      screen={place.screen}
      search={search}
      onPick={pick}
      onClose={close}
    />
  );
}
