import { type FlowDocument, flowFormat } from "@/flow/document";
import { formatEndpoint, parseEndpoint } from "@/flow/graph";
import type { ParsedFlow } from "@/flow/parse";
import { freeId, noteId, type Point } from "./edit";

/** A part of a drawing as a flow file: what the clipboard carries, between flows, tabs, windows, and through a mail. */

/** What is chosen, with the wires between, the notes, and the groups that are in it whole. `ids` as on the canvas. */
export function copyPiece(document: FlowDocument, ids: readonly string[]): FlowDocument {
  const chosen = new Set(ids);
  const notes = document.notes?.filter((note) => chosen.has(noteId(note.id))) ?? [];
  const groups = document.groups?.filter(
    (group) => group.nodes.length > 0 && group.nodes.every((id) => chosen.has(id)),
  );
  return {
    format: flowFormat,
    name: document.name,
    nodes: document.nodes.filter((node) => chosen.has(node.id)),
    edges: document.edges.filter(
      (edge) => chosen.has(parseEndpoint(edge.from, "out").node) && chosen.has(parseEndpoint(edge.to, "in").node),
    ),
    ...(notes.length > 0 ? { notes } : {}),
    ...(groups?.length ? { groups } : {}),
  };
}

export const isEmptyPiece = (piece: FlowDocument) => piece.nodes.length === 0 && !piece.notes?.length;

const longestText = 5_000_000;

/** Text as a piece, or why it is none: what is wrong, and where in it. `parse` reads flow files (a chunk of its own). */
export function readPiece(
  text: string,
  parse: (text: string) => ParsedFlow,
): { piece: FlowDocument } | { reason: string } {
  const file = stripFence(text);
  if (file === "") return { reason: "The clipboard holds no text." };
  if (file.length > longestText) return { reason: "The text is longer than 5 MB." };
  if (!file.startsWith("{")) {
    const begin = file.slice(0, 40).replaceAll(/\s+/g, " ");
    return { reason: `The text is no flow file: it begins with “${begin}${file.length > 40 ? "…" : ""}”.` };
  }
  const { flow, problems } = parse(file);
  if (!flow) {
    const more = problems.length > 1 ? ` And ${problems.length - 1} more.` : "";
    return { reason: `${problems[0]?.message ?? "It is no flow file."}${more}` };
  }
  return isEmptyPiece(flow) ? { reason: "The flow file has no nodes and no notes." } : { piece: flow };
}

/** As it comes out of a chat or a page: between three backticks. */
function stripFence(text: string): string {
  const bare = text.replace(/^\ufeff/, "").trim();
  return /^```[a-z]*\n([\s\S]*?)\n?```$/.exec(bare)?.[1]?.trim() ?? bare;
}

const maxNodes = 2_000;

/** Why a piece has no room in a drawing; `null` when it has. */
export function refusePiece(document: FlowDocument, piece: FlowDocument): string | null {
  const count = document.nodes.length + piece.nodes.length;
  return count > maxNodes ? `The flow would have ${count} nodes; ${maxNodes} are the most.` : null;
}

/** Adds a piece under free ids; with a point, its top left corner comes to stand there. `ids` as on the canvas. */
export function pastePiece(
  document: FlowDocument,
  piece: FlowDocument,
  at: Point | { by: number },
): { document: FlowDocument; ids: string[] } {
  const nameAll = (taken: readonly { id: string }[] | undefined, items: readonly { id: string }[] | undefined) => {
    const used = new Set(taken?.map((item) => item.id));
    const names = new Map<string, string>();
    for (const { id } of items ?? []) {
      const free = freeId(used, id);
      used.add(free);
      names.set(id, free);
    }
    return names;
  };
  const nodeNames = nameAll(document.nodes, piece.nodes);
  const noteNames = nameAll(document.notes, piece.notes);
  const groupNames = nameAll(document.groups, piece.groups);
  const corners = [...piece.nodes, ...(piece.notes ?? [])].map((item) => item.position ?? { x: 0, y: 0 });
  const [left, top] = [Math.min(...corners.map(({ x }) => x)), Math.min(...corners.map(({ y }) => y))];
  const shift = "by" in at ? { x: at.by, y: at.by } : { x: at.x - left, y: at.y - top };
  const place = (point: Point = { x: 0, y: 0 }) => ({
    x: Math.round(point.x + shift.x),
    y: Math.round(point.y + shift.y),
  });
  const nodes = piece.nodes.map((node) => ({ ...node, id: nodeNames.get(node.id)!, position: place(node.position) }));
  const edges = piece.edges.flatMap((edge) => {
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
    const [source, target] = [nodeNames.get(from.node), nodeNames.get(to.node)];
    if (!source || !target) return [];
    return [
      { from: formatEndpoint({ ...from, node: source }, "out"), to: formatEndpoint({ ...to, node: target }, "in") },
    ];
  });
  const notes = (piece.notes ?? []).map((note) => ({
    ...note,
    id: noteNames.get(note.id)!,
    position: place(note.position),
  }));
  const groups = (piece.groups ?? []).map((group) => ({
    ...group,
    id: groupNames.get(group.id)!,
    nodes: group.nodes.flatMap((id) => nodeNames.get(id) ?? []),
  }));
  return {
    document: {
      ...document,
      nodes: [...document.nodes, ...nodes],
      edges: [...document.edges, ...edges],
      ...(notes.length > 0 ? { notes: [...(document.notes ?? []), ...notes] } : {}),
      ...(groups.length > 0 ? { groups: [...(document.groups ?? []), ...groups] } : {}),
    },
    ids: [...nodeNames.values(), ...[...noteNames.values()].map(noteId)],
  };
}
