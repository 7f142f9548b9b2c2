import type { FlowDocument, FlowEdge, FlowNode } from "@/flow/document";
import { type Endpoint, formatEndpoint, nameEdge, parseEndpoint } from "@/flow/graph";
import { findKind, portsOfNode, startConfigOf } from "../drawing/kinds";
import { nodeWidth, type Point } from "../drawing/measures";
import { leaveGroups } from "./edit-groups";
import { freeId } from "./free-id";

export type { Point };
export { freeId };

/** What a person does to a drawing, each as a pure function from one document to the next; untouched parts keep their identity. */

export function nodeOf(document: FlowDocument, id: string): FlowNode | undefined {
  return indexOf(document).get(id);
}

const indexes = new WeakMap<FlowNode[], Map<string, FlowNode>>();
function indexOf(document: FlowDocument): Map<string, FlowNode> {
  let index = indexes.get(document.nodes);
  if (!index) {
    index = new Map(document.nodes.map((node) => [node.id, node]));
    indexes.set(document.nodes, index);
  }
  return index;
}

/** Adds a node of a kind with the settings a new one starts with. */
export function addNode(document: FlowDocument, kind: string, position: Point): { document: FlowDocument; id: string } {
  const known = findKind(kind);
  const id = freeId(
    document.nodes.map((node) => node.id),
    known?.label ?? kind,
  );
  const node: FlowNode = {
    id,
    kind,
    ...(known && known.version > 1 ? { version: known.version } : {}),
    config: startConfigOf(kind),
    position: roundPoint(position),
  };
  return { document: { ...document, nodes: [...document.nodes, node] }, id };
}

/** Why two ports cannot be wired, in words; `null` when they can. */
export function refuseWire(document: FlowDocument, from: Endpoint, to: Endpoint): string | null {
  const source = nodeOf(document, from.node);
  const target = nodeOf(document, to.node);
  if (!source || !target) return "One end of the wire does not exist.";
  if (from.node === to.node) return "A node cannot lead to itself.";
  if (!portsOfNode(source).out.includes(from.port)) return `${from.node} has no output “${from.port}”.`;
  if (!portsOfNode(target).in.includes(to.port)) return "Messages only enter where there is an input.";
  if (document.edges.some((edge) => sameWire(edge, from, to))) return "These two are wired already.";
  if (leadsTo(document, to.node, from.node)) return "The wire would close a circle.";
  return null;
}

/** Wires two ports; the same document when they cannot be wired. */
export function connect(document: FlowDocument, from: Endpoint, to: Endpoint): FlowDocument {
  if (refuseWire(document, from, to)) return document;
  return {
    ...document,
    edges: [...document.edges, { from: formatEndpoint(from, "out"), to: formatEndpoint(to, "in") }],
  };
}

/** Puts a node that is in the drawing between the two ends of a wire. Messages go on by its first output. */
export function insertOnWire(document: FlowDocument, key: string, id: string): FlowDocument {
  const place = document.edges.findIndex((edge) => nameEdge(edge) === key);
  const edge = document.edges[place];
  const node = nodeOf(document, id);
  if (!edge || !node) return document;
  const ports = portsOfNode(node);
  const input = ports.in[0];
  if (input === undefined) return document;
  const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
  if (from.node === id || to.node === id) return document;
  const first: FlowEdge = { from: edge.from, to: formatEndpoint({ node: id, port: input }, "in") };
  const output = ports.out.find((port) => port !== "error");
  const second: FlowEdge[] =
    output === undefined ? [] : [{ from: formatEndpoint({ node: id, port: output }, "out"), to: edge.to }];
  const without = { ...document, edges: document.edges.filter((_, index) => index !== place) };
  // An end that is already wired elsewhere could close a circle: then nothing changes.
  if (leadsTo(without, to.node, id) || leadsTo(without, id, from.node)) return document;
  const edges = [...document.edges];
  edges.splice(place, 1, first, ...second);
  return makeRoom({ ...document, edges }, from.node, id, to.node);
}

/** From one node to the next, along a wire. */
const stride = nodeWidth + 68;

/** Slides a node that was put into a wire behind its source, and all that comes after it on to the right, so that none covers another. */
function makeRoom(document: FlowDocument, before: string, id: string, after: string): FlowDocument {
  const [source, node, target] = [before, id, after].map((each) => nodeOf(document, each)?.position);
  if (!source || !node || !target) return document;
  const x = Math.max(node.x, source.x + stride);
  const shift = Math.max(0, x + stride - target.x);
  const places = new Map<string, Point>([[id, { x, y: node.y }]]);
  for (const other of document.nodes) {
    const { position } = other;
    if (!position || other.id === id || other.id === before || shift === 0) continue;
    if (position.x >= target.x && leadsTo(document, after, other.id)) {
      places.set(other.id, { x: position.x + shift, y: position.y });
    }
  }
  return moveNodes(document, places);
}

/** Takes nodes out, with the wires at them, and out of their groups. With `reconnect`, what led in leads on to where the first output led. */
export function removeNodes(document: FlowDocument, ids: readonly string[], reconnect = false): FlowDocument {
  let next = leaveGroups(document, ids);
  for (const id of ids) {
    const node = nodeOf(next, id);
    if (!node) continue;
    const output = portsOfNode(node).out.find((port) => port !== "error");
    const before = next.edges.filter((edge) => parseEndpoint(edge.to, "in").node === id);
    const after = next.edges.filter((edge) => {
      const end = parseEndpoint(edge.from, "out");
      return end.node === id && end.port === output;
    });
    next = {
      ...next,
      nodes: next.nodes.filter((other) => other.id !== id),
      edges: next.edges.filter(
        (edge) => parseEndpoint(edge.from, "out").node !== id && parseEndpoint(edge.to, "in").node !== id,
      ),
    };
    if (reconnect)
      for (const edge of before)
        for (const onward of after)
          next = connect(next, parseEndpoint(edge.from, "out"), parseEndpoint(onward.to, "in"));
  }
  return next;
}

export function removeWires(document: FlowDocument, keys: readonly string[]): FlowDocument {
  const gone = new Set(keys);
  return { ...document, edges: document.edges.filter((edge) => !gone.has(nameEdge(edge))) };
}

/** Another id for a node: every wire follows. The same document when the id is taken or malformed. */
export function renameNode(document: FlowDocument, id: string, next: string): FlowDocument {
  if (id === next || !/^[a-z0-9-]+$/.test(next) || nodeOf(document, next) || !nodeOf(document, id)) return document;
  const follow = (text: string) =>
    text === id ? next : text.startsWith(`${id}.`) ? next + text.slice(id.length) : text;
  return {
    ...document,
    nodes: document.nodes.map((node) => (node.id === id ? { ...node, id: next } : node)),
    edges: document.edges.map((edge) => {
      const [from, to] = [follow(edge.from), follow(edge.to)];
      return from === edge.from && to === edge.to ? edge : { from, to };
    }),
    ...(document.groups
      ? {
          groups: document.groups.map((group) => ({
            ...group,
            nodes: group.nodes.map((each) => (each === id ? next : each)),
          })),
        }
      : {}),
  };
}

/** Changes fields of a node; `undefined` takes a field out. */
export function changeNode(
  document: FlowDocument,
  id: string,
  change: { [Field in "title" | "retry" | "notes"]?: FlowNode[Field] | undefined },
): FlowDocument {
  return {
    ...document,
    nodes: document.nodes.map((node) => {
      if (node.id !== id) return node;
      const next = { ...node, ...change };
      for (const field of ["title", "retry", "notes"] as const) {
        if (next[field] === undefined || next[field] === "") delete next[field];
      }
      return next as FlowNode;
    }),
  };
}

export function moveNodes(document: FlowDocument, positions: ReadonlyMap<string, Point>): FlowDocument {
  const place = <Item extends { id: string; position?: Point | undefined }>(item: Item): Item => {
    const point = positions.get(item.id);
    if (!point) return item;
    const position = roundPoint(point);
    return item.position?.x === position.x && item.position.y === position.y ? item : { ...item, position };
  };
  const nodes = document.nodes.map(place);
  const notes = document.notes?.map((note) => ({ ...note, ...place({ ...note, id: noteId(note.id) }), id: note.id }));
  const same = nodes.every((node, index) => node === document.nodes[index]);
  const notesSame = !notes?.some((note, index) => {
    const old = document.notes![index]!;
    return note.position.x !== old.position.x || note.position.y !== old.position.y;
  });
  if (same && notesSame) return document;
  return { ...document, nodes, ...(notes ? { notes: notesSame ? document.notes : notes } : {}) };
}

/** Canvas id of a sticky note: node ids have no colon, so the two never meet. */
export const noteId = (id: string) => `note:${id}`;

export function addNote(document: FlowDocument, position: Point): { document: FlowDocument; id: string } {
  const id = freeId(document.notes?.map((note) => note.id) ?? [], "note");
  return {
    document: { ...document, notes: [...(document.notes ?? []), { id, text: "", position: roundPoint(position) }] },
    id,
  };
}

export function changeNote(document: FlowDocument, id: string, text: string): FlowDocument {
  return { ...document, notes: (document.notes ?? []).map((note) => (note.id === id ? { ...note, text } : note)) };
}

export function removeNotes(document: FlowDocument, ids: readonly string[]): FlowDocument {
  if (!document.notes || ids.length === 0) return document;
  const notes = document.notes.filter((note) => !ids.includes(note.id));
  const { notes: _gone, ...rest } = document;
  return notes.length > 0 ? { ...rest, notes } : rest;
}

function sameWire(edge: FlowEdge, from: Endpoint, to: Endpoint): boolean {
  const [start, end] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
  return start.node === from.node && start.port === from.port && end.node === to.node && end.port === to.port;
}

/** Is there a way along the wires from one node to another? */
function leadsTo(document: FlowDocument, from: string, to: string): boolean {
  const seen = new Set<string>([from]);
  const queue = [from];
  while (queue.length > 0) {
    const node = queue.pop()!;
    if (node === to) return true;
    for (const edge of document.edges) {
      if (parseEndpoint(edge.from, "out").node !== node) continue;
      const next = parseEndpoint(edge.to, "in").node;
      if (!seen.has(next)) {
        seen.add(next);
        queue.push(next);
      }
    }
  }
  return false;
}

function roundPoint(point: Point): Point {
  return { x: Math.round(point.x), y: Math.round(point.y) };
}
