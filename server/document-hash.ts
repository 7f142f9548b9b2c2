import "server-only";
import { createHash } from "node:crypto";
import { flowSchema } from "@/flow/document";
import { canonicalFlow } from "@/flow/format";

/** What a drawing looks like and is called, and what is expected of it; what runs does not depend on it. */
const cosmeticFlowFields = new Set(["name", "title", "description", "notes", "groups", "tests"]);
const cosmeticNodeFields = new Set(["position", "notes", "title"]);

/** SHA-256 of what runs: the document in canonical form, without places, names, notes and tests. Equal hashes, equal behaviour. */
export function hashDocument(document: unknown): string {
  const parsed = flowSchema.safeParse(document);
  const canonical = parsed.success ? canonicalFlow(parsed.data) : document;
  return createHash("sha256")
    .update(writeCanonical(withoutCosmetics(canonical)))
    .digest("hex");
}

/** JSON with sorted keys: equal documents give equal text. */
export function writeCanonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeCanonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([name, field]) => `${JSON.stringify(name)}:${writeCanonical(field)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

function withoutCosmetics(document: unknown): unknown {
  if (document === null || typeof document !== "object") return document;
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(document)) {
    if (cosmeticFlowFields.has(name)) continue;
    kept[name] =
      name === "nodes" && Array.isArray(field) ? field.map((node) => dropFields(node, cosmeticNodeFields)) : field;
  }
  return kept;
}

function dropFields(value: unknown, names: ReadonlySet<string>): unknown {
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)));
}
