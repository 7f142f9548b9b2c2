import "server-only";
import { defaultProject } from "@/flow/control";
import type { Prisma } from "@/prisma/generated/client";
import { database } from "../database";
import type { AuditView } from "../views";

/** Which entries, and where a page begins. */
export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  object?: string | undefined;
  after?: Date | undefined;
  until?: Date | undefined;
  before?: Date | undefined;
  beforeId?: string | undefined;
  limit?: number | undefined;
}

/** Entries of the audit trail, the newest first. What ships with Millrace and was put there at its first start is not told. */
export async function listAudit(
  environment: string,
  filter: AuditFilter,
): Promise<{ items: AuditView[]; more: boolean }> {
  const limit = filter.limit ?? 100;
  const rows = await database().prisma.auditEntry.findMany({
    where: { project: defaultProject, environment, AND: listConditions(filter) },
    select: { id: true, at: true, actor: true, action: true, object: true, detail: true },
    orderBy: [{ at: "desc" }, { id: "desc" }],
    take: limit + 1,
  });
  return { items: rows.slice(0, limit), more: rows.length > limit };
}

function listConditions(filter: AuditFilter): Prisma.AuditEntryWhereInput[] {
  const { actor, action, object, after, until, before, beforeId } = filter;
  const conditions: Prisma.AuditEntryWhereInput[] = [{ NOT: { action: "seed" } }];
  if (actor) conditions.push({ actor });
  if (action) conditions.push(action.includes(".") ? { action } : { action: { startsWith: `${action}.` } });
  if (object) conditions.push({ object: { startsWith: object } });
  if (after) conditions.push({ at: { gte: after } });
  if (until) conditions.push({ at: { lt: until } });
  if (before)
    conditions.push(
      beforeId
        ? { at: { lte: before }, OR: [{ at: { lt: before } }, { id: { lt: beforeId } }] }
        : { at: { lt: before } },
    );
  return conditions;
}
