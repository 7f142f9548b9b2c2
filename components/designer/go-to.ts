import type { Hit } from "@/flow/find";
import { noteId } from "./edit";
import type { DesignerStore } from "./store";
import { focusNode } from "./walk";

export type Place = Pick<Hit, "in" | "id" | "field">;

/** Leads to where something stands: chooses the node, opens the part of its form, puts the focus on the field. Gives what is to come into view. */
export function goTo(store: DesignerStore, place: Place): string[] {
  const state = store.getState();
  if (place.in === "flow") {
    state.set({ settingUp: true });
    return [];
  }
  if (place.in === "note") {
    state.select([noteId(place.id)]);
    focusNode(noteId(place.id));
    return [noteId(place.id)];
  }
  if (place.in === "group") {
    const nodes = state.document.groups?.find((group) => group.id === place.id)?.nodes ?? [];
    state.select(nodes);
    return [...nodes];
  }
  if (!state.document.nodes.some((node) => node.id === place.id)) return [];
  const { field } = place;
  if (field.startsWith("config.")) state.inspect(place.id, { tab: "settings", field: field.slice("config.".length) });
  else if (field === "title") state.inspect(place.id, { tab: "settings", field: "$title" });
  else if (field === "notes") state.inspect(place.id, { tab: "notes" });
  else {
    state.inspect(place.id, { tab: "settings" });
    focusNode(place.id);
  }
  return [place.id];
}

/** A place as it stands in the address of the editor. */
export function writePlace(place: Place): string {
  if (place.in === "node") return new URLSearchParams({ node: place.id, field: place.field }).toString();
  return place.in === "flow" ? "settings" : new URLSearchParams({ [place.in]: place.id }).toString();
}

/** The place that an address asks for. */
export function readPlace(address: URLSearchParams): Place | null {
  const [node, note, group] = [address.get("node"), address.get("note"), address.get("group")];
  if (node) return { in: "node", id: node, field: address.get("field") ?? "" };
  if (note) return { in: "note", id: note, field: "text" };
  return group ? { in: "group", id: group, field: "title" } : null;
}
