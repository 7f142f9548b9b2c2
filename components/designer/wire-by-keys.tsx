"use client";

import { ArrowRightFromLine } from "lucide-react";
import { useEffect } from "react";
import { portsOfNode, titleOfNode } from "../drawing/kinds";
import { useDesigner, useDesignerStore } from "./context";
import { nodeOf } from "./edit";
import { wiredPorts } from "./indexes";
import { placeBeside, quickAddBehind } from "./open-quick-add";
import { type PickItem, PickList } from "./pick-list";

/** A wire by keys: first the output that it leaves by, then (in the list of kinds and nodes) where it leads. */
export function WireByKeys() {
  const store = useDesignerStore();
  const node = useDesigner((state) => (state.wiring === null ? undefined : nodeOf(state.document, state.wiring)));
  const edges = useDesigner((state) => state.document.edges);
  const ports = node ? portsOfNode(node).out : [];
  const only = ports.length === 1 ? ports[0] : undefined;
  const choose = (id: string, port: string) => {
    const place = quickAddBehind(store.getState(), id, port);
    store.getState().set({ wiring: null, quickAdd: { ...place, nodesFirst: true } });
  };
  useEffect(() => {
    // One way out needs no question; none, and there is nothing to wire.
    if (node && only !== undefined) choose(node.id, only);
    else if (!node || ports.length === 0) store.getState().set({ wiring: null });
  });
  if (!node || ports.length < 2) return null;
  const wired = wiredPorts(edges, node.id);
  const search = (text: string): PickItem[] =>
    ports
      .filter((port) => port.includes(text.trim().toLowerCase()))
      .map((port) => ({
        id: port,
        icon: <ArrowRightFromLine className="size-4 shrink-0 text-muted" aria-hidden />,
        title: port,
        hint: wired.has(port) ? "Is wired; one more wire" : "Nothing is wired to it yet",
      }));
  return (
    <PickList
      label={`Wire from ${titleOfNode(node)}`}
      placeholder="By which output?"
      empty="There is no such output."
      screen={placeBeside(node.id)}
      search={search}
      onPick={(port) => choose(node.id, port)}
      onClose={() => store.getState().set({ wiring: null })}
    />
  );
}
