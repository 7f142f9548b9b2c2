"use client";

import { useReactFlow } from "@xyflow/react";
import { KindChip } from "../drawing/kind-chip";
import { findKind, subtitleOfNode, titleOfNode } from "../drawing/kinds";
import { motionMs } from "../ui/motion";
import { useDesigner, useDesignerStore } from "./context";
import { type PickItem, PickList } from "./pick-list";
import { rankNodes } from "./rank-nodes";

/** Ctrl+F: finds a node by its name, id, kind or settings, chooses it and brings it into view. */
export function FindNode() {
  const store = useDesignerStore();
  const open = useDesigner((state) => state.finding);
  const flow = useReactFlow();
  if (!open) return null;
  const close = () => store.getState().set({ finding: false });
  const search = (text: string): PickItem[] =>
    rankNodes(store.getState().document.nodes, text).map((node) => ({
      id: node.id,
      icon: <KindChip kind={findKind(node.kind)} />,
      title: titleOfNode(node),
      hint: subtitleOfNode(node),
    }));
  const canvas = document.querySelector(".drawing")?.getBoundingClientRect();
  return (
    <PickList
      label="Find a node"
      placeholder="Find a node"
      empty="No node fits."
      screen={{ x: (canvas?.left ?? 0) + 12, y: (canvas?.top ?? 0) + 8 }}
      search={search}
      onPick={(id) => {
        close();
        store.getState().inspect(id);
        void flow.fitView({ nodes: [{ id }], maxZoom: 1, padding: 0.6, duration: motionMs() });
      }}
      onClose={close}
    />
  );
}
