import { findKind } from "./catalog";
import { listFields } from "./config-fields";
import { configureNode } from "./configure";
import type { FlowDocument } from "./document";
import { listPlaces } from "./flow-places";
import type { Problem } from "./problems";

/** The group, subscription or reader that a source's config names, and the field that says it. Absent: it has one of its own. */
export function readNamedGroup(
  kind: string,
  config: unknown,
): { readonly group: string; readonly field: string } | undefined {
  const schema = findKind(kind)?.config;
  const named = schema && listFields(schema, config).find(({ meta }) => meta.namesGroup);
  return typeof named?.value === "string" && named.value !== "" ? { group: named.value, field: named.path } : undefined;
}

/**
 * What keeps the sources of a drawing from beginning anew: those that name their group themselves go on where the broker has it. Surely so, an
 * error, where what is deployed reads by that name. Others may read by it too, so it is moved by a person with the tools of its broker, and
 * never by a deploy.
 */
export function checkBegin(next: FlowDocument, deployed: FlowDocument | null): Problem[] {
  const known = new Set(deployed ? listNamed(deployed).map(({ key }) => key) : []);
  return listNamed(next).map(({ node, group, field, key }): Problem => {
    const at = { code: "begin-group-named", node, field } as const;
    const reads = `\`${node}\` reads as \`${group}\`, which its settings name`;
    if (!known.has(key))
      return {
        ...at,
        severity: "warning",
        message: `${reads}: where the broker knows that already, it goes on there.`,
      };
    const message = `${reads} and which has its place on the broker: it cannot begin anew. Name another, or none; or move \`${group}\` with the tools of the broker and let the flow go on.`;
    return { ...at, severity: "error", message };
  });
}

function listNamed(document: FlowDocument) {
  const places = listPlaces(document);
  return document.nodes.flatMap((node) => {
    const place = places.find((each) => each.node === node.id);
    const config = configureNode(node).config as { readonly distribution?: string } | undefined;
    const named = node.disabled || config?.distribution === "each" ? undefined : readNamedGroup(node.kind, config);
    if (!named || !place) return [];
    return [{ ...named, node: node.id, key: JSON.stringify([place.connection, place.name, named.group]) }];
  });
}
