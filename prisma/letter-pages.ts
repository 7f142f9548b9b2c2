import { compileExpression, type Expression } from "../flow/expression";
import { compileMapping, type MapLetter } from "../flow/letter-mapping";
import { scopeOfLetter } from "../flow/letter-scope";
import { letterVariables } from "../flow/letter-variables";
import { readMapping } from "../flow/printed-mapping";
import type { Prisma, PrismaClient } from "./generated/client";
import { readLetter } from "./read-letter";

/** Letters that are looked at in one step: so many ids, and of those so many bytes in memory at once. */
const pageLetters = 1_000;
const pageLettersRead = 200;
const maxBytesRead = 8_000_000;
/** Expressions give the process back after this long. */
const turnMs = 10;
const maxWords = 400;

/** Which letters of a flow, of those that waited at a moment. Nothing but the flow = all. */
export interface Selection {
  readonly environment: string;
  readonly flowId: string;
  readonly ids: readonly string[];
  /** Code of the cause, or its fingerprint. */
  readonly cause: string | null;
  readonly condition: string | null;
  readonly target: string;
  /** A mapping as it is kept. */
  readonly edit: string | null;
  readonly createdAt: Date;
}

/** The letter up to which was looked. */
export interface Cursor {
  readonly at: Date;
  readonly id: string;
}

/** A letter that an expression failed on, in words without payload. */
export interface Failing {
  readonly id: string;
  readonly words: string;
}

export interface LetterPage {
  /** Ids of those that are chosen, oldest first. */
  readonly fits: readonly string[];
  /** Those whose condition could not be answered: not chosen. */
  readonly skipped: readonly Failing[];
  /** Chosen, but the edit failed on them. */
  readonly editFails: readonly Failing[];
  readonly looked: number;
  /** Where to go on; `null` behind the last. */
  readonly next: Cursor | null;
}

interface Expressions {
  readonly condition: Expression | null;
  readonly edit: MapLetter | null;
}

/** @throws ExpressionError for what cannot be read */
export function compileSelection(selection: Pick<Selection, "condition" | "edit">): Expressions {
  const { condition, edit } = selection;
  return {
    condition: condition === null ? null : compileExpression(condition, { variables: letterVariables }),
    edit: edit === null ? null : compileMapping(readMapping(edit)),
  };
}

/** What SQL can say of a selection. */
export function whereSelected(
  selection: Omit<Selection, "condition" | "target" | "edit">,
): Prisma.DeadLetterWhereInput {
  const { environment, flowId, ids, cause, createdAt } = selection;
  return {
    environment,
    flowId,
    state: "waiting",
    createdAt: { lte: createdAt },
    ...(ids.length > 0 ? { id: { in: [...ids] } } : {}),
    ...(cause === null ? {} : { OR: [{ causeCode: cause }, { fingerprint: cause }] }),
  };
}

/** Looks at the next letters of a selection, oldest first. Changes nothing. */
export async function readPage(
  prisma: PrismaClient,
  selection: Selection,
  expressions: Expressions,
  cursor: Cursor | null,
): Promise<LetterPage> {
  const reads = expressions.condition !== null || expressions.edit !== null;
  const take = reads ? pageLettersRead : pageLetters;
  const behind = cursor
    ? [{ OR: [{ createdAt: { gt: cursor.at } }, { createdAt: cursor.at, id: { gt: cursor.id } }] }]
    : [];
  const found = await prisma.deadLetter.findMany({
    where: { AND: [whereSelected(selection), ...behind] },
    select: { id: true, createdAt: true },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take,
  });
  const ids = found.map(({ id }) => id);
  const last = found.at(-1);
  const next = last && found.length === take ? { at: last.createdAt, id: last.id } : null;
  if (!reads) return { fits: ids, skipped: [], editFails: [], looked: ids.length, next };
  return { ...(await judge(prisma, ids, expressions, selection.target)), looked: ids.length, next };
}

async function judge(prisma: PrismaClient, ids: readonly string[], { condition, edit }: Expressions, target: string) {
  const fits: string[] = [];
  const skipped: Failing[] = [];
  const editFails: Failing[] = [];
  let turn = performance.now();
  for await (const rows of readInParts(prisma, ids)) {
    for (const row of rows) {
      if (performance.now() - turn > turnMs) {
        await new Promise((resolve) => setImmediate(resolve));
        turn = performance.now();
      }
      const letter = readLetter(row);
      try {
        if (condition && !condition.test(scopeOfLetter(letter))) continue;
      } catch (error) {
        skipped.push({ id: row.id, words: wordsOf(error) });
        continue;
      }
      fits.push(row.id);
      try {
        edit?.(letter, target === "source" ? "source" : "node");
      } catch (error) {
        editFails.push({ id: row.id, words: wordsOf(error) });
      }
    }
  }
  return { fits, skipped, editFails };
}

/** Whole letters in the order of the ids, never more bytes at once than the limit, unless a single one has more. */
async function* readInParts(prisma: PrismaClient, ids: readonly string[]) {
  const sizes = await prisma.$queryRaw<{ id: string; bytes: number }[]>`
    SELECT id, coalesce(octet_length(value), 0) + coalesce(octet_length("sourceValue"), 0)
      + coalesce(octet_length("editedValue"), 0) AS bytes FROM "DeadLetter" WHERE id = ANY(${[...ids]})`;
  const bytesOf = new Map(sizes.map(({ id, bytes }) => [id, Number(bytes)]));
  let part: string[] = [];
  let bytes = 0;
  const read = async (some: readonly string[]) => {
    const rows = await prisma.deadLetter.findMany({ where: { id: { in: [...some] } } });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return some.flatMap((id) => byId.get(id) ?? []);
  };
  for (const id of ids) {
    const size = bytesOf.get(id) ?? 0;
    if (part.length > 0 && bytes + size > maxBytesRead) {
      yield await read(part);
      part = [];
      bytes = 0;
    }
    part.push(id);
    bytes += size;
  }
  if (part.length > 0) yield await read(part);
}

export function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : "It failed.").slice(0, maxWords);
}
