import type { ZodType } from "zod";
import { findKind } from "@/flow/catalog";
import { configureNode, portsOf } from "@/flow/configure";
import type { FlowNode } from "@/flow/document";
import type { Kind, Ports } from "@/flow/kind";

export { findKind };

/** Kinds as a drawing needs them: never throws, whatever stands in the file. */

const noPorts: Ports = { in: ["in"], out: ["out", "error"] };
const ports = new WeakMap<FlowNode, Ports>();

/** The ports of a node, `error` last. A kind that is not known here gets one way in and one out, so that its wires can be seen. */
export function portsOfNode(node: FlowNode): Ports {
  let known = ports.get(node);
  if (!known) {
    known = readPorts(node);
    ports.set(node, known);
  }
  return known;
}

function readPorts(node: FlowNode): Ports {
  return findKind(node.kind) ? portsOf(node) : noPorts;
}

/** The second line on a node. */
export function subtitleOfNode(node: FlowNode): string {
  const kind = findKind(node.kind);
  if (!kind) return `unknown kind ${node.kind}`;
  try {
    const { config } = configureNode(node);
    // A half-filled form still says what is known.
    return kind.subtitle(config ?? { ...defaultsOf(kind), ...node.config });
  } catch {
    return kind.summary;
  }
}

/** What a person reads as the node's name. */
export function titleOfNode(node: FlowNode): string {
  if (node.title) return node.title;
  const named = nameByKind(node);
  if (named) return named;
  // The id is what problems, runs and the command line call the node, so an untitled node shows it, readable.
  const words = node.id.replaceAll("-", " ").trim();
  return words ? words[0]!.toUpperCase() + words.slice(1) : node.id;
}

/** `BullMQ queue 2`: an id that was made from its kind's name reads as that name is written. */
function nameByKind(node: FlowNode): string | undefined {
  const label = findKind(node.kind)?.label;
  if (!label) return undefined;
  const base = label.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const rest = node.id.startsWith(base) ? node.id.slice(base.length) : undefined;
  if (rest === "") return label;
  return rest !== undefined && /^-\d+$/.test(rest) ? `${label} ${rest.slice(1)}` : undefined;
}

const defaults = new WeakMap<Kind, Record<string, unknown>>();

/** What a field holds when nothing is typed, as far as the schema says so. */
export function defaultsOf(kind: Kind): Record<string, unknown> {
  let known = defaults.get(kind);
  if (!known) {
    known = {};
    const shape = (kind.config as { shape?: Record<string, ZodType> }).shape;
    for (const [name, field] of Object.entries(shape ?? {})) {
      const parsed = field.safeParse(undefined);
      if (parsed.success && parsed.data !== undefined) known[name] = parsed.data;
    }
    defaults.set(kind, known);
  }
  return known;
}

/** What a new node of some kinds begins with, beyond its defaults. */
const starts: Readonly<Record<string, Record<string, unknown>>> = {
  "saga-step": { action: { call: "http", connection: "http" } },
  "saga-fork": { branches: ["one", "other"] },
};

/** Settings of a node fresh from the palette. Its connection is written out, so that the file says where it leads; the rest are defaults. */
export function startConfigOf(name: string): Record<string, unknown> {
  if (starts[name]) return structuredClone(starts[name]);
  const kind = findKind(name);
  const connection = kind && defaultsOf(kind).connection;
  return typeof connection === "string" ? { connection } : {};
}
