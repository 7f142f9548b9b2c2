import type { FlowDocument } from "@/flow/document";
import { buildGraph } from "@/flow/graph";
import { endsSaga, findRegions, type Region } from "@/flow/saga/region";
import { findKind } from "./kinds";

const regions = new WeakMap<FlowDocument, readonly Region[]>();
const none: readonly Region[] = [];

/** The sagas of a drawing. */
export function regionsOf(document: FlowDocument): readonly Region[] {
  let known = regions.get(document);
  if (!known) {
    // Most drawings have no saga, and need no graph to know it.
    known = hasSaga(document) ? findRegions(buildGraph(document), findKind) : none;
    regions.set(document, known);
  }
  return known;
}

export function hasSaga(document: FlowDocument): boolean {
  return document.nodes.some((node) => findKind(node.kind)?.holds === "saga");
}

/** The saga in which a node stands, its start and its ends among them. */
export function regionOf(document: FlowDocument, node: string): Region | undefined {
  return regionsOf(document).find((region) => region.start === node || region.nodes.includes(node));
}

/** Is a node worked by a saga, and not message by message? Not its start, which takes messages. */
export function isInsideSaga(document: FlowDocument, node: string): boolean {
  return regionsOf(document).some((region) => region.nodes.includes(node));
}

/** Does what leaves by this port stay in a saga? What leaves an end, or a start that was undone, is a message again. */
export function staysInSaga(document: FlowDocument, from: { node: string; port: string }): boolean {
  const region = regionOf(document, from.node);
  if (!region) return false;
  if (from.node === region.start) return from.port === "out";
  return !endsSaga(findKind(document.nodes.find(({ id }) => id === from.node)?.kind ?? ""));
}
