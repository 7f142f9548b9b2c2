import { findPlaceKind } from "@/flow/connection-catalog";
import type { FlowNode } from "@/flow/document";
import { type NamedPlace, placesOfNode } from "@/flow/flow-places";

/** The place of its own on a broker, where that can show messages. */
export function placeOf(node: FlowNode | undefined): NamedPlace | undefined {
  const places = node ? placesOfNode(node) : [];
  return places.find(({ field, kind, type }) => !field.includes(".") && findPlaceKind(kind, type)?.messages);
}
