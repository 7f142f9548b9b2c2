import { findKind } from "./catalog";
import { type ConfigField, listFields } from "./config-fields";
import { configureNode, type FindKind } from "./configure";
import type { FlowDocument, FlowNode } from "./document";
import type { PlaceType } from "./place";
import { type CallName, connectionKindsByCall } from "./saga/call-config";

/** A place on a broker that a node names: what to ask a worker about before `checkFlow`. */
export interface NamedPlace {
  readonly node: string;
  readonly field: string;
  readonly connection: string;
  /** Of the connection, where the field says which fits. */
  readonly kind: string | undefined;
  readonly type: PlaceType;
  readonly name: string;
  /** The node makes it itself when it is missing. */
  readonly made?: true;
  /** What is chosen when it is made for the node. */
  readonly options?: Readonly<Record<string, string>>;
}

/** The places that a flow names as they are; names with holes are known only per message. */
export function listPlaces(flow: FlowDocument, find: FindKind = findKind): NamedPlace[] {
  return flow.nodes.flatMap((node) => placesOfNode(node, find));
}

/** Those that one node names. */
export function placesOfNode(node: FlowNode, find: FindKind = findKind): NamedPlace[] {
  return placesOf(fieldsOfNode(node, find), node);
}

/** The connections that the nodes of a flow name, wherever in their configs. */
export function listConnections(
  flow: FlowDocument,
  find: FindKind = findKind,
): { readonly node: string; readonly field: string; readonly connection: string; readonly kind: string | undefined }[] {
  return flow.nodes.flatMap((node) => {
    const fields = fieldsOfNode(node, find);
    return fields.flatMap((field) =>
      field.meta.widget === "connection" && typeof field.value === "string" && field.value !== ""
        ? [{ node: node.id, field: field.path, connection: field.value, kind: connectionKindOf(field, fields) }]
        : [],
    );
  });
}

function fieldsOfNode(node: FlowNode, find: FindKind): ConfigField[] {
  const { kind, config, problems } = configureNode(node, find);
  return kind ? listFields(kind.config, problems.length === 0 ? config : node.config) : [];
}

/** A place lives on the connection of its own object. */
export function placesOf(fields: readonly ConfigField[], node: FlowNode): NamedPlace[] {
  return fields.flatMap(({ path, value, meta }) => {
    if (meta.widget !== "place" || meta.place === undefined) return [];
    if (typeof value !== "string" || value === "" || value.includes("${")) return [];
    const beside = (test: (field: ConfigField) => boolean) =>
      fields.find((each) => objectOf(each.path) === objectOf(path) && test(each));
    const connection = beside((each) => each.meta.widget === "connection");
    if (typeof connection?.value !== "string") return [];
    const { madeWhen, place: type, placeOptions: options } = meta;
    const made = madeWhen && beside((each) => each.path === `${objectOf(path)}${madeWhen.field}`);
    return [
      {
        node: node.id,
        field: path,
        connection: connection.value,
        kind: connectionKindOf(connection, fields),
        type,
        name: value,
        ...(madeWhen?.is.includes(made?.value as string) ? { made: true } : {}),
        ...(options ? { options } : {}),
      },
    ];
  });
}

/** The kind of connection that fits at a field, given those beside it. */
export function connectionKindOf({ path, meta }: ConfigField, fields: readonly ConfigField[]): string | undefined {
  if (!meta.connectionByCall) return meta.connectionKind;
  const call = fields.find((each) => each.path === `${objectOf(path)}call`)?.value ?? meta.connectionByCall;
  return connectionKindsByCall[call as CallName];
}

/** The path of the object that a field stands in: empty, or with a dot at its end. */
function objectOf(path: string): string {
  return path.slice(0, path.lastIndexOf(".") + 1);
}
