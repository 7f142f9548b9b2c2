import type { FlowDocument, FlowNode } from "@/flow/document";
import { nameEdge } from "@/flow/graph";
import type { Problem } from "@/flow/problems";
import { removeNodes, removeWires } from "./edit";
import { setDisabled } from "./edit-disabled";
import { setConfig } from "./edit-settings";
import { readFlowSettings, writeFlowSettings } from "./flow-settings";

/** The drawing with a problem mended, where its fix changes the drawing alone; else `null`. */
export function applyFix(document: FlowDocument, { fix, node, edge }: Problem): FlowDocument | null {
  if (!fix) return null;
  if (fix.do === "set-delivery")
    return writeFlowSettings(document, { ...readFlowSettings(document), delivery: fix.delivery });
  if (fix.do === "leave-group") return leaveGroup(document, fix.group, fix.at);
  if (edge !== undefined) {
    if (fix.do === "remove-wire") return removeOnce(document, edge);
    if (fix.do === "set-wire") return setWire(document, edge, { from: fix.from, to: fix.to });
  }
  if (node === undefined) return null;
  switch (fix.do) {
    case "set-field":
      return fix.field.startsWith("retry.")
        ? setRetry(document, node, fix.field.slice("retry.".length), fix.value)
        : setConfig(document, node, fix.field, fix.value);
    case "remove-field":
      return setConfig(document, node, fix.field, undefined);
    case "rename-field": {
      const value = document.nodes.find(({ id }) => id === node)?.config[fix.field];
      return setConfig(setConfig(document, node, fix.name, value), node, fix.field, undefined);
    }
    case "set-disabled":
      return setDisabled(document, [node], fix.disabled);
    case "update-kind":
      return change(document, node, (each) => ({ ...each, version: fix.version, config: { ...fix.config } }));
    case "remove-node":
      return removeNodes(document, [node]);
    default:
      return null;
  }
}

function change(document: FlowDocument, id: string, to: (node: FlowNode) => FlowNode): FlowDocument {
  return { ...document, nodes: document.nodes.map((node) => (node.id === id ? to(node) : node)) };
}

function setRetry(document: FlowDocument, id: string, field: string, value: unknown): FlowDocument {
  return change(document, id, (node) =>
    node.retry ? { ...node, retry: { ...node.retry, [field]: value } as NonNullable<FlowNode["retry"]> } : node,
  );
}

/** Of a wire that is there twice one stays. */
function removeOnce(document: FlowDocument, key: string): FlowDocument {
  const places = document.edges.flatMap((each, index) => (nameEdge(each) === key ? [index] : []));
  if (places.length < 2) return removeWires(document, [key]);
  return { ...document, edges: document.edges.filter((_, index) => index !== places.at(-1)) };
}

function setWire(document: FlowDocument, key: string, wire: { from: string; to: string }): FlowDocument {
  const others = document.edges.filter((each) => nameEdge(each) !== key);
  if (others.some((each) => nameEdge(each) === nameEdge(wire))) return { ...document, edges: others };
  return { ...document, edges: document.edges.map((each) => (nameEdge(each) === key ? wire : each)) };
}

function leaveGroup(document: FlowDocument, index: number, at: number): FlowDocument {
  const groups = (document.groups ?? [])
    .map((group, place) =>
      place === index ? { ...group, nodes: group.nodes.filter((_, item) => item !== at) } : group,
    )
    .filter(({ nodes }) => nodes.length > 0);
  const { groups: _before, ...rest } = document;
  return groups.length > 0 ? { ...rest, groups } : rest;
}
