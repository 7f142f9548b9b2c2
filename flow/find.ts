import type { FlowDocument } from "./document";

/** A place in a drawing where a text stands. */
export interface Hit {
  /** Where: a node, a note or a group by its id, or the flow itself. */
  readonly in: "node" | "note" | "group" | "flow";
  readonly id: string;
  /** The field, as in the file: `id`, `title`, `config.cases.0.when`, `notes`. */
  readonly field: string;
  /** What stands there, cut around the text when it is long. */
  readonly text: string;
  /** Where in `text` the found words begin, and how long they are. */
  readonly at: number;
  readonly length: number;
}

const before = 24;
const longest = 120;

/**
 * Every field that holds a text, in whatever case: ids, titles, kinds, settings, notes, groups. Names come first, then the fields in the
 * order of the drawing; one hit for a field. Nothing for an empty text.
 *
 * @param limit At most so many.
 */
export function findInFlow(document: FlowDocument, text: string, limit = 200): Hit[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const hits: Hit[] = [];
  const look = (where: Hit["in"], id: string, field: string, value: unknown) => {
    if (hits.length >= limit || value === undefined || value === null) return;
    if (typeof value === "object") {
      for (const [name, part] of Object.entries(value)) look(where, id, field === "" ? name : `${field}.${name}`, part);
      return;
    }
    const at = String(value).toLowerCase().indexOf(wanted);
    if (at >= 0) hits.push({ in: where, id, field, ...cut(String(value), at, wanted.length) });
  };
  look("flow", document.name, "name", document.name);
  look("flow", document.name, "title", document.title);
  for (const node of document.nodes) {
    look("node", node.id, "title", node.title);
    look("node", node.id, "id", node.id);
  }
  look("flow", document.name, "description", document.description);
  look("flow", document.name, "settings", document.settings);
  for (const node of document.nodes) {
    look("node", node.id, "kind", node.kind);
    look("node", node.id, "config", node.config);
    look("node", node.id, "notes", node.notes);
  }
  for (const note of document.notes ?? []) look("note", note.id, "text", note.text);
  for (const group of document.groups ?? []) look("group", group.id, "title", group.title);
  return hits;
}

function cut(text: string, at: number, length: number): Pick<Hit, "text" | "at" | "length"> {
  const line = text.replaceAll(/\s/g, " ");
  const from = line.length <= longest || at <= before ? 0 : at - before;
  const end = Math.min(line.length, from + longest);
  const [head, tail] = [from > 0 ? "…" : "", end < line.length ? "…" : ""];
  return {
    text: `${head}${line.slice(from, end)}${tail}`,
    at: at - from + head.length,
    length: Math.min(length, end - at),
  };
}
