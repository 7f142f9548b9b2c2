import "server-only";
import { defaultProject } from "@/flow/control";
import { findInFlow } from "@/flow/find";
import { database } from "../database";
import type { FlowSearch } from "../views";
import { readStored } from "./find-flow";

const maxFlows = 50;
const hitsPerFlow = 20;
const maxHits = 200;

/** Where a text stands in the drafts of all flows, the last changed first. Says when there is more than it gives. */
export async function searchFlows(text: string): Promise<FlowSearch> {
  // As it stands in JSON: a quote there has a backslash before it. Postgres finds the flows, the language says where in them.
  const stored = JSON.stringify(text.trim()).slice(1, -1).toLowerCase();
  const rows = await database().prisma.$queryRaw<{ name: string; title: string; draft: unknown }[]>`
    SELECT name, title, draft FROM "Flow"
    WHERE project = ${defaultProject}
      AND (strpos(lower(draft::text), ${stored}) > 0 OR strpos(lower(name || ' ' || title), ${text.trim().toLowerCase()}) > 0)
    ORDER BY "updatedAt" DESC LIMIT ${maxFlows + 1}`;
  const found: FlowSearch = { flows: [], cut: rows.length > maxFlows };
  let left = maxHits;
  for (const { name, title, draft } of rows.slice(0, maxFlows)) {
    const document = readStored(draft);
    // The names of fields are in the text, too: those are no finds.
    const hits = document ? findInFlow({ ...document, name, title }, text, hitsPerFlow + 1) : [];
    if (hits.length === 0) continue;
    const shown = hits.slice(0, Math.min(hitsPerFlow, left));
    left -= shown.length;
    if (shown.length < hits.length) found.cut = true;
    if (shown.length === 0) break;
    const nodes = new Set(shown.map((hit) => hit.id));
    found.flows.push({
      name,
      title,
      hits: shown,
      nodes: document!.nodes.filter((node) => nodes.has(node.id)).map(({ id, kind, title }) => ({ id, kind, title })),
    });
  }
  return found;
}
