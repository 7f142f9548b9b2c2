import "server-only";
import type { RunDetail } from "@/flow/control";
import { roleForExpression, roleForPath } from "@/flow/masked";
import type { Mask } from "@/flow/masking";
import { searchableText } from "@/flow/searchable";
import type { Prisma } from "@/prisma/generated/client";
import { unpackRunDetail } from "@/prisma/run-detail";
import { roles } from "../can";
import { database } from "../database";
import type { FoundBy, NodeMessage, RunFilter, RunSummary, RunView } from "../views";
import { readAllMasked, readDrafts, readMasks, seesAll, type Viewer } from "./masks";

/** The page that a person sees of runs, without those that were found by what they do not see. */
export async function maskRunList(
  viewer: Viewer,
  page: { runs: RunSummary[]; more: boolean },
  filter: RunFilter = {},
): Promise<{ runs: RunSummary[]; more: boolean }> {
  const { key, text } = filter;
  const masks = await openRunMasks(
    viewer,
    page.runs.map(({ id }) => id),
  );
  // A value that stands hidden in a run finds it by no other name, either.
  const values = text ? valuesOf(text) : [];
  const hidingText = new Set(
    [...masks].flatMap(([id, mask]) => (values.some((value) => mask.showWords(value) !== value) ? id : [])),
  );
  const shown = page.runs.map((raw) =>
    hideFoundBy(maskSummary(raw, masks.get(raw.id)), raw, text, hidingText.has(raw.id)),
  );
  const hides = (run: RunSummary, index: number) => {
    const raw = page.runs[index]!;
    return raw.key !== run.key || raw.error !== run.error || hidingText.has(run.id);
  };
  const doubtful = text ? shown.filter(hides).filter((run) => !isSeenIn(run, text)) : [];
  const byValue = await findByValue(
    viewer,
    doubtful.filter(({ id }) => !hidingText.has(id)),
    values,
  );
  const unseen = new Set(doubtful.filter(({ id }) => !byValue.has(id)).map(({ id }) => id));
  const kept = shown.filter((run) => !unseen.has(run.id) && (!key || run.key === key));
  return { runs: kept, more: page.more && kept.length > 0 };
}

/** That a search met what a person does not see is not told. */
function hideFoundBy(run: RunSummary, raw: RunSummary, text = "", hidesText = false): RunSummary {
  const hidden = (by: FoundBy["by"]) =>
    (by === "value" && hidesText) ||
    (by === "key" && run.key !== raw.key) ||
    (by === "error" && run.error !== raw.error && !run.error?.toLowerCase().includes(text.trim().toLowerCase()));
  return run.foundBy ? { ...run, foundBy: run.foundBy.filter(({ by }) => !hidden(by)) } : run;
}

/** Key and words of runs as a person sees them. */
export async function maskRuns(viewer: Viewer, runs: readonly RunSummary[]): Promise<RunSummary[]> {
  const masks = await openRunMasks(
    viewer,
    runs.map(({ id }) => id),
  );
  return runs.map((run) => maskSummary(run, masks.get(run.id)));
}

/** A run with its steps as a person sees it. */
export async function maskRun(viewer: Viewer, run: RunView): Promise<RunView> {
  const others = [...run.related, ...run.tries];
  const masks = await openRunMasks(
    viewer,
    [run, ...others].map(({ id }) => id),
  );
  const hide = (each: RunSummary) => maskSummary(each, masks.get(each.id));
  const mask = masks.get(run.id);
  return {
    ...run,
    ...(mask ? { ...maskSummary(run, mask), detail: maskDetail(run.detail, mask), masked: mask.told } : {}),
    related: run.related.map(hide),
    tries: run.tries.map(hide),
  };
}

/** Messages of a node as a person sees them. */
export async function maskNodeMessages(viewer: Viewer, messages: readonly NodeMessage[]): Promise<NodeMessage[]> {
  const masks = await openRunMasks(
    viewer,
    messages.map(({ runId }) => runId),
  );
  return messages.map((message) => {
    const mask = masks.get(message.runId);
    if (!mask) return message;
    const show = (value: string | null) => mask.show({ key: null, headers: [], value, encoding: "text" }).value;
    return {
      ...message,
      key: mask.showKey(message.key),
      in: show(message.in),
      out: message.out.map(({ port, value }) => ({ port, value: show(value) })),
      error: mask.showWords(message.error),
    };
  });
}

function maskSummary(run: RunSummary, mask: Mask | undefined): RunSummary {
  return mask ? { ...run, key: mask.showKey(run.key), error: mask.showWords(run.error) } : run;
}

function maskDetail(detail: RunDetail, mask: Mask): RunDetail {
  return {
    ...detail,
    payloads: detail.payloads.map((payload) => mask.show(payload)),
    steps: detail.steps.map((step) => ({
      ...step,
      ...(step.cause ? { cause: mask.showCause(step.cause) } : {}),
      ...(step.causes ? { causes: step.causes.map((cause) => mask.showCause(cause)) } : {}),
      ...(step.note ? { note: mask.showValues(step.note) } : {}),
    })),
  };
}

/** What hides the masked fields of runs, by run, having learnt their payloads; only of runs of which something is hidden. */
async function openRunMasks(viewer: Viewer, ids: readonly string[]): Promise<Map<string, Mask>> {
  const found = new Map<string, Mask>();
  if (seesAll(viewer) || ids.length === 0) return found;
  const { prisma } = database();
  const rows = await prisma.run.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, flowId: true, version: true },
  });
  const masks = await readMasks(prisma, viewer, rows);
  for (const row of rows) {
    const mask = masks.open(row);
    if (mask) found.set(row.id, mask);
  }
  if (found.size === 0) return found;
  const details = await prisma.run.findMany({
    where: { id: { in: [...found.keys()] } },
    select: { id: true, detail: true },
  });
  for (const { id, detail } of details)
    for (const payload of unpackRunDetail(detail).payloads) found.get(id)?.learn(payload);
  return found;
}

/**
 * Is what was looked for in what is shown of the run? A run of which something is hidden may have been found by that, and to show it would
 * tell what it is. What was typed may have wildcards of SQL in it, so it is not compared with what is hidden, but with what is seen.
 */
function isSeenIn(run: RunSummary, typed: string): boolean {
  const text = typed.trim().toLowerCase();
  if (run.error?.toLowerCase().includes(text)) return true;
  if ([run.key, run.id, run.position].some((part) => part?.toLowerCase() === text)) return true;
  return text.includes(run.traceId) || [`@${run.position}`, `:${run.position}`].some((place) => text.endsWith(place));
}

/** What is typed may be a value, alone or behind a name. */
function valuesOf(typed: string): string[] {
  const text = typed.trim();
  return [text, text.slice(text.indexOf("=") + 1).trim()].flatMap((each) => searchableText(each) ?? []);
}

/** Which of these runs have one of the values, under a name that the person may search. */
async function findByValue(
  viewer: Viewer,
  runs: readonly RunSummary[],
  values: readonly string[],
): Promise<Set<string>> {
  if (runs.length === 0) return new Set();
  const rows = await database().prisma.runValue.findMany({
    where: {
      AND: [
        { value: { in: [...values] }, runId: { in: runs.map(({ id }) => id) } },
        (await whereValuesSeen(viewer)) ?? {},
      ],
    },
    select: { runId: true },
  });
  return new Set(rows.map(({ runId }) => runId));
}

/** The searchable values that a person may search; `undefined`: all. A value of a masked field is found by nobody who does not see it. */
export async function whereValuesSeen(viewer: Viewer): Promise<Prisma.RunValueWhereInput | undefined> {
  if (seesAll(viewer)) return undefined;
  const { prisma } = database();
  const seen = roles.slice(0, roles.indexOf(viewer.me.role) + 1);
  const masked = await readAllMasked(prisma, viewer);
  const drafts = await readDrafts(prisma, [...masked.keys()]);
  const hidden: Prisma.RunValueWhereInput[] = [];
  for (const [flowId, fields] of masked) {
    const named = Object.entries(drafts.get(flowId)?.settings?.searchable ?? {});
    const names = named.filter(([, source]) => roleForExpression(source, fields) !== null).map(([name]) => name);
    if (roleForPath(["key"], fields) !== null) names.push("key");
    if (names.length > 0) hidden.push({ flowId, name: { in: names } });
    // Plain fields are named by their place.
    const plain = fields.flatMap(({ path }) => /^body\.[^.[]+/.exec(path) ?? []);
    if (plain.length > 0) hidden.push({ flowId, name: { in: plain } });
    if (fields.some(({ path }) => path === "body")) hidden.push({ flowId, name: { startsWith: "body." } });
  }
  return {
    OR: [{ below: null }, { below: { in: seen } }],
    ...(hidden.length > 0 ? { NOT: { OR: hidden } } : {}),
  };
}
