import "server-only";
import { listFields } from "@/flow/config-fields";
import { configureNode } from "@/flow/configure";
import type { FlowDocument, FlowNode } from "@/flow/document";

/** Names of the connections that a drawing uses. */
export function connectionsOf(document: FlowDocument): string[] {
  return listNames([...document.nodes.flatMap(connectionsOfNode), document.settings?.holding?.connection]);
}

/** Names of the connections that a node uses. */
export function connectionsOfNode(node: FlowNode): string[] {
  return listNames([readConfig(node).connection, ...readConnectionFields(node)]);
}

function listNames(names: readonly unknown[]): string[] {
  return [...new Set(names)].filter((name) => typeof name === "string").filter((name) => name !== "");
}

/** Also those that stand deeper in a config: a saga step's two calls. */
function readConnectionFields(node: FlowNode): unknown[] {
  const { kind, config } = configureNode(node);
  const fields = kind ? listFields(kind.config, config ?? node.config) : [];
  return fields.filter(({ meta }) => meta.widget === "connection").map(({ value }) => value);
}

/** Group, subscription or reader of a source that names none: fixed at the first deploy, with a number from the second generation on. */
export function groupIdOf(options: {
  environment: string;
  groupName: string;
  node: string;
  generation: number;
}): string {
  const id = `millrace.${options.environment}.${options.groupName}.${options.node}`;
  return options.generation > 1 ? `${id}.g${options.generation}` : id;
}

export interface Webhook {
  node: string;
  method: string;
  /** Under `/in/`, without slashes around it. */
  path: string;
}

/** The webhooks that a drawing serves. */
export function webhooksOf(document: FlowDocument): Webhook[] {
  return document.nodes
    .filter((node) => node.kind === "webhook-source" && !node.disabled)
    .map((node) => ({ node: node.id, config: readConfig(node) }))
    .filter(({ config }) => typeof config.path === "string")
    .map(({ node, config }) => ({
      node,
      method: typeof config.method === "string" ? config.method.toUpperCase() : "POST",
      path: trimSlashes(String(config.path)),
    }));
}

export function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

/** With the kind's defaults; as it is drawn when it does not hold yet. */
function readConfig(node: FlowNode): Record<string, unknown> {
  const { config } = configureNode(node);
  return config !== null && typeof config === "object" ? (config as Record<string, unknown>) : node.config;
}
