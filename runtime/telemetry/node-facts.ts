import { findKind } from "../../flow/catalog";
import type { ConnectionKindName } from "../../flow/connection-ports";
import type { FlowDocument } from "../../flow/document";
import { placesOfNode } from "../../flow/flow-places";
import type { Role } from "../../flow/kind";
import { parseFlow } from "../../flow/parse";

/** What spans and metrics tell of a node beside its counts. */
export interface NodeFacts {
  readonly kind: string;
  readonly title: string;
  readonly role: Role;
  /** `messaging.system` of OpenTelemetry's conventions; absent for a node that meets no broker. */
  readonly system?: string;
  /** The topic, queue, exchange or stream; absent where it is known only per message. */
  readonly destination?: string;
  /** Of a node that asks over HTTP, or is asked. */
  readonly method?: string;
}

/** What is known of a version's nodes. */
export interface VersionFacts {
  readonly nodes: ReadonlyMap<string, NodeFacts>;
  /** Fields are hidden from some people: keys and words of errors, which may quote them, stay here. */
  readonly masked: boolean;
}

/** Names from https://opentelemetry.io/docs/specs/semconv/registry/attributes/messaging/; the last two are not in its list. */
const systems: Partial<Record<ConnectionKindName, string>> = {
  kafka: "kafka",
  rabbitmq: "rabbitmq",
  pulsar: "pulsar",
  queue: "bullmq",
  redis: "redis_streams",
};

/** Reads a version's document; one that cannot be read has no facts. */
export function readVersionFacts(document: unknown): VersionFacts {
  const parsed = parseFlow(document);
  if (!parsed.flow) return { nodes: new Map(), masked: true };
  const { flow } = parsed;
  const { masked } = (flow.settings ?? {}) as { masked?: readonly unknown[] };
  return { nodes: new Map(flow.nodes.map((node) => [node.id, factsOf(node)])), masked: (masked?.length ?? 0) > 0 };
}

function factsOf(node: FlowDocument["nodes"][number]): NodeFacts {
  const kind = findKind(node.kind);
  const place = placesOfNode(node)[0];
  const system = systems[place?.kind as ConnectionKindName];
  const { method } = node.config as { method?: unknown };
  return {
    kind: node.kind,
    title: node.title ?? node.id,
    role: kind?.role ?? "step",
    ...(system ? { system } : {}),
    ...(system && place ? { destination: place.name } : {}),
    ...(typeof method === "string" ? { method } : {}),
  };
}
