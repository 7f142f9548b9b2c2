import "server-only";
import type { DeadLetter } from "@/prisma/generated/client";
import { readHeaders } from "@/prisma/read-letter";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import type { DeadLetterSummary, ExportedLetter, ExportedPage } from "../views";
import { showBytes, showHeaders } from "./bytes";
import { type DeadLetterFilter, whereBefore, whereLetters } from "./dead-letters";
import { findFlowNames } from "./find-flow";

/** Letters of a page, and how many bytes of them are in memory at once. */
const pageLetters = 200;
const pageBytes = 4_000_000;

/** Whole dead letters, as lines of an export have them. */
export async function exportDeadLetters(environment: string, filter: DeadLetterFilter): Promise<ExportedPage> {
  const { prisma } = database();
  const where = { AND: [await whereLetters(prisma, environment, filter), whereBefore(filter)] };
  const sizes = await prisma.deadLetter.findMany({
    where,
    select: { id: true },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: pageLetters,
  });
  const letters: ExportedLetter[] = [];
  const names = await findFlowNames(prisma);
  let bytes = 0;
  let last: DeadLetter | undefined;
  for (let from = 0; from < sizes.length && bytes < pageBytes; from += readAtOnce) {
    const rows = await prisma.deadLetter.findMany({
      where: { id: { in: sizes.slice(from, from + readAtOnce).map(({ id }) => id) } },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    });
    for (const row of rows) {
      bytes += (row.value?.length ?? 0) + (row.sourceValue?.length ?? 0);
      letters.push(writeLetter(row, names));
      last = row;
    }
  }
  const more = last !== undefined && (letters.length < sizes.length || sizes.length === pageLetters);
  return { letters, next: more ? { before: last!.createdAt, beforeId: last!.id } : null };
}

/** Who takes whole messages out is written down, once for all pages. */
export async function auditExport(actor: Actor, filter: DeadLetterFilter): Promise<void> {
  const { flow, id, before, state, fingerprint } = filter;
  if (before !== undefined) return;
  const object = flow ?? (id === undefined ? "all flows" : "1 by id");
  const detail = {
    ...(state === undefined ? {} : { state }),
    ...(fingerprint === undefined ? {} : { cause: fingerprint }),
    ...(id === undefined ? {} : { letters: [id] }),
  };
  await recordAudit(database().prisma, actor, "dead-letter.export", object, detail);
}

/** A letter may have megabytes. */
const readAtOnce = 20;

function writeLetter(row: DeadLetter, names: ReadonlyMap<string, string>): ExportedLetter {
  const { id, version, node, source, lane, position, part, codec, attempts, sends, reason, runId, traceId } = row;
  const { causeCode, causeMessage, causeDetail } = row;
  const key = showBytes(row.key);
  const value = showBytes(row.value);
  return {
    id,
    flow: names.get(row.flowId) ?? row.flow,
    version,
    node,
    state: row.state as DeadLetterSummary["state"],
    cause: { code: causeCode, message: causeMessage, ...(causeDetail === null ? {} : { detail: causeDetail }) },
    source,
    lane,
    position,
    part,
    codec,
    key: key.text,
    ...(key.encoding === "base64" ? { keyEncoding: "base64" } : {}),
    headers: showHeaders(readHeaders(row.headers)),
    value: value.text,
    ...(value.encoding === "base64" ? { encoding: "base64" } : {}),
    timestamp: row.timestamp.toISOString(),
    createdAt: row.createdAt.toISOString(),
    failedAt: (row.failedAt ?? row.createdAt).toISOString(),
    attempts,
    sends,
    reason,
    runId,
    traceId,
  };
}
