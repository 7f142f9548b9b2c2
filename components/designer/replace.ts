import type { ZodType } from "zod";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { formatEndpoint, parseEndpoint } from "@/flow/graph";
import type { Kind } from "@/flow/kind";
import { findKind, portsOfNode, startConfigOf } from "../drawing/kinds";
import { isInsideSaga } from "../drawing/regions";
import { nodeOf } from "./edit";

/** May a node of this kind stand in the place of another? One of the same role, or one that takes all of its wires; in a saga what may stand there. */
export function fitsInPlaceOf(document: FlowDocument, id: string, kind: Kind): boolean {
  const node = nodeOf(document, id);
  const before = node && findKind(node.kind);
  if (!node || kind.kind === node.kind) return false;
  const inSaga = isInsideSaga(document, id);
  if (inSaga ? kind.inSaga === undefined : kind.inSaga === "only") return false;
  if (before?.role === kind.role) return true;
  const isEntered = document.edges.some((edge) => parseEndpoint(edge.to, "in").node === id);
  const isLeft = document.edges.some((edge) => {
    const { node: from, port } = parseEndpoint(edge.from, "out");
    return from === id && port !== "error";
  });
  return isEntered ? kind.role === "step" || (kind.role === "sink" && !isLeft) : kind.role === "source";
}

/**
 * Another kind in a node's place, keeping what fits: its id, title, notes, retry and place; fields of the same name and sort; wires at ports
 * that the new one has, and those at its first port, whatever that is called. `lost` counts the wires that found no port.
 */
export function replaceNode(
  document: FlowDocument,
  id: string,
  name: string,
): { document: FlowDocument; lost: number } {
  const node = nodeOf(document, id);
  const kind = findKind(name);
  if (!node || !kind) return { document, lost: 0 };
  const { version: _version, disabled: _disabled, retry, ...rest } = node;
  const next: FlowNode = {
    ...rest,
    kind: name,
    ...(kind.version > 1 ? { version: kind.version } : {}),
    ...(retry && kind.role !== "source" ? { retry } : {}),
    config: keepFields(node, kind),
  };
  const [before, after] = [portsOfNode(node), portsOfNode(next)];
  const follow = (ports: readonly string[], into: readonly string[], port: string): string | undefined => {
    const [first, firstNow] = [ports.find(isUsual), into.find(isUsual)];
    return into.includes(port) ? port : port === first ? firstNow : undefined;
  };
  const edges = document.edges.flatMap((edge) => {
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
    const [out, into] = [
      from.node === id ? follow(before.out, after.out, from.port) : from.port,
      to.node === id ? follow(before.in, after.in, to.port) : to.port,
    ];
    if (out === undefined || into === undefined) return [];
    if (out === from.port && into === to.port) return [edge];
    return [{ from: formatEndpoint({ ...from, port: out }, "out"), to: formatEndpoint({ ...to, port: into }, "in") }];
  });
  const nodes = document.nodes.map((other) => (other === node ? next : other));
  return { document: { ...document, nodes, edges }, lost: document.edges.length - edges.length };
}

const isUsual = (port: string) => port !== "error";

/** Fields that both kinds have, of one sort: with the same control, for the same kind of connection, and a value that the new one takes. */
function keepFields(node: FlowNode, kind: Kind): Record<string, unknown> {
  const [before, after] = [shapeOf(findKind(node.kind)), shapeOf(kind)];
  const kept = Object.entries(node.config).filter(([name, value]) => {
    const [old, now] = [before[name], after[name]];
    return old && now && sortOf(old) === sortOf(now) && now.safeParse(value).success;
  });
  return { ...startConfigOf(kind.kind), ...Object.fromEntries(kept) };
}

function shapeOf(kind: Kind | undefined): Readonly<Record<string, ZodType>> {
  return (kind?.config as { shape?: Record<string, ZodType> } | undefined)?.shape ?? {};
}

/** `topic` of one kind is no `queue` of another, even where both are a place. */
function sortOf(field: ZodType): string {
  const { widget, connectionKind, place, expects } = field.meta() ?? {};
  return JSON.stringify([widget, connectionKind, place, expects]);
}
