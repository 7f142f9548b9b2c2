import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import type { Db } from "./database";
import type { Me } from "./views";

/** Who acts, where: what use-cases need of a request. */
export interface Actor {
  me: Me;
  environment: string;
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
    data: { actor: actor.me.email, environment: actor.environment, action, object, detail },
  });
}
