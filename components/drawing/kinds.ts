import type { ZodType } from "zod";
import { findKind } from "@/flow/catalog";
import { configureNode, portsOf } from "@/flow/configure";
import type { FlowNode } from "@/flow/document";
import type { Kind, Ports } from "@/flow/kind";
import { titleOfNode } from "@/flow/node-title";

export { findKind, titleOfNode };

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
