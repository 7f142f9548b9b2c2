/** The page that is measured beside the editor: React Flow with its default nodes, as its first example shows it. */
import { Background, type Edge, MiniMap, type Node, ReactFlow, useEdgesState, useNodesState } from "@xyflow/react";
import { createRoot } from "react-dom/client";

declare global {
  interface Window {
    drawing: { nodes: Node[]; edges: Edge[] };
  }
}

function Plain() {
  const [nodes, , onNodesChange] = useNodesState(window.drawing.nodes);
  const [edges, , onEdgesChange] = useEdgesState(window.drawing.edges);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      minZoom={0.05}
      fitView
    >
      <Background />
      <MiniMap />
    </ReactFlow>
  );
}

createRoot(document.getElementById("root")!).render(<Plain />);
