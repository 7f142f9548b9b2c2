"use client";

import { createContext, type ReactNode, use } from "react";
import type { FlowDocument } from "@/flow/document";
import { type NodeData, useNodeData } from "./use-node-data";

const NodeDataContext = createContext<NodeData | null>(null);

/** Reads the data of a node for all within that show it. New messages come every second or two: what shows none of them is left alone. */
export function NodeDataProvider({
  drawing,
  node,
  children,
}: {
  drawing: FlowDocument;
  node: string;
  children: ReactNode;
}) {
  return <NodeDataContext value={useNodeData(drawing, node)}>{children}</NodeDataContext>;
}

/** @throws outside of a provider */
export function useDataHere(): NodeData {
  const data = use(NodeDataContext);
  if (!data) throw new Error("There is no NodeDataProvider around.");
  return data;
}
