import "server-only";
import type { MapLetter } from "@/flow/letter-mapping";
import { readForTarget } from "@/flow/letter-scope";
import type { DeadLetter } from "@/prisma/generated/client";
import { type Cursor, compileSelection, readPage, type Selection, whereSelected, wordsOf } from "@/prisma/letter-pages";
import { readLetter } from "@/prisma/read-letter";
import { type Db, database } from "../database";
import type { RedrivePreview } from "../views";
import { showBytes } from "./bytes";
import { describeLetterRepeat } from "./describe-again";
import { checkRequest, findFlowsOf, makeSelection, type RedriveRequest, readNow } from "./redrive";

const sampleSize = 10;
/** Expressions are tried for so long; more letters than that are not looked at. */
const lookForMs = 5_000;
/** A value is shown up to here. */
const maxShown = 16_000;

/** What a redrive would do, without doing it: how many fit, ten of them before and after the edit, what may happen twice. */
export async function previewRedrive(environment: string, input: RedriveRequest): Promise<RedrivePreview> {
  const { prisma } = database();
  checkRequest(input);
  const found: RedrivePreview = {
    matched: 0,
    looked: 0,
    complete: true,
    skipped: 0,
    skippedWords: null,
    editFails: 0,
    editWords: null,
    sample: [],
    repeat: [],
  };
  const createdAt = await readNow(prisma);
  const until = performance.now() + lookForMs;
  const places = new Map<string, { flowId: string; node: string; version: number }>();
  for (const flow of await findFlowsOf(prisma, environment, input)) {
    const selection = { ...makeSelection(environment, input, flow), createdAt };
    const chosen = await look(found, selection, until);
    const rows = await readSample(prisma, chosen, found.sample.length);
    const { edit } = compileSelection(selection);
    found.sample.push(...rows.map((row) => showSample(row, edit, input.target)));
    for (const { flowId, node, version } of rows) places.set(`${flowId} ${node}`, { flowId, node, version });
  }
  const words = await Promise.all(
    [...places.values()].map((place) => describeLetterRepeat(prisma, environment, place)),
  );
  return { ...found, repeat: [...new Set(words)] };
}

/** Counts what fits; gives the ids of the first. */
async function look(found: RedrivePreview, selection: Selection, until: number): Promise<string[]> {
  const { prisma } = database();
  const expressions = compileSelection(selection);
  if (!expressions.condition && !expressions.edit) {
    const count = await prisma.deadLetter.count({ where: whereSelected(selection) });
    found.matched += count;
    found.looked += count;
    return [...(await readPage(prisma, selection, expressions, null)).fits].slice(0, sampleSize);
  }
  const first: string[] = [];
  for (let cursor: Cursor | null = null; ; ) {
    const page = await readPage(prisma, selection, expressions, cursor);
    first.push(...page.fits.slice(0, sampleSize - first.length));
    found.matched += page.fits.length;
    found.looked += page.looked;
    found.skipped += page.skipped.length;
    found.skippedWords ??= page.skipped[0]?.words ?? null;
    found.editFails += page.editFails.length;
    found.editWords ??= page.editFails[0]?.words ?? null;
    cursor = page.next;
    if (!cursor) return first;
    if (performance.now() > until) {
      found.complete = false;
      return first;
    }
  }
}

async function readSample(db: Db, ids: readonly string[], have: number): Promise<DeadLetter[]> {
  const wanted = ids.slice(0, Math.max(0, sampleSize - have));
  return db.deadLetter.findMany({
    where: { id: { in: wanted } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
}

function showSample(row: DeadLetter, edit: MapLetter | null, target: RedriveRequest["target"]) {
  const letter = readLetter(row);
  const base = {
    id: row.id,
    key: showBytes(row.key).text,
    node: row.node,
    lane: row.lane,
    position: row.position,
    before: show(readForTarget(letter, target).value),
  };
  if (!edit) return { ...base, after: null, error: null };
  try {
    return { ...base, after: show(edit(letter, target)), error: null };
  } catch (error) {
    return { ...base, after: null, error: wordsOf(error) };
  }
}

function show(bytes: Uint8Array | null): string {
  const { text } = showBytes(bytes);
  if (text === null) return "null";
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}
