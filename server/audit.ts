import "server-only";
import { defaultProject } from "@/flow/control";
import type { Prisma } from "@/prisma/generated/client";
import type { Db } from "./database";
import type { Me } from "./views";

/** Who acts, where: what use-cases need of a request. */
export interface Actor {
  me: Me;
  environment: string;
  /** The API token by which they are known. */
  token?: { name: string } | undefined;
  /** Who runs the command line, as that says. */
  person?: string | undefined;
}

/** Writes down who did what. In the transaction of the change itself, so that neither is kept without the other. No secrets, no payloads. */
export async function recordAudit(
  db: Db,
  actor: Actor,
  action: string,
  object: string,
  detail: Prisma.InputJsonObject = {},
): Promise<void> {
  await db.auditEntry.create({
    data: {
      actor: actor.me.email,
      environment: actor.environment,
      action,
      object,
      detail: { ...detail, ...tellBy(actor) },
    },
  });
}

/** Several people may act by one token: the entry says by which, and who the command line says that it is. */
function tellBy({ token, person }: Actor): { by?: Prisma.InputJsonObject } {
  return token ? { by: { token: token.name, ...(person === undefined ? {} : { person }) } } : {};
}

/** One sitting at a drawing is one entry: the canvas saves by itself, twice a second while a person types. */
const sittingMs = 10 * 60_000;

/** Like `recordAudit`, but what the same person did to the same object within ten minutes is not written again. */
export async function recordSitting(
  db: Db,
  actor: Actor,
  action: string,
  object: string,
  detail: Prisma.InputJsonObject,
): Promise<void> {
  const at = { gt: new Date(Date.now() - sittingMs) };
  const earlier = await db.auditEntry.findFirst({
    // The project is named for the index: this is asked with each save.
    where: { project: defaultProject, actor: actor.me.email, action, object, at },
    select: { id: true },
  });
  if (!earlier) await recordAudit(db, actor, action, object, detail);
}
