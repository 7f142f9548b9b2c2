import "server-only";
import { randomBytes, randomUUID } from "node:crypto";
import { hashPassword } from "better-auth/crypto";
import { type Actor, recordAudit } from "../audit";
import { readRole } from "../can";
import { hashToken } from "../context";
import { type Db, database } from "../database";
import { readEnv } from "../env";
import { notFound, refusal } from "../refusal";
import type { InvitationLook, InvitationView, Role } from "../views";

const dayMs = 86_400_000;

/** Invitations that can still be taken, the newest first. */
export async function listInvitations(): Promise<InvitationView[]> {
  const rows = await database().prisma.invitation.findMany({
    where: { usedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
    select: { id: true, email: true, name: true, role: true, invitedBy: true, createdAt: true, expiresAt: true },
    orderBy: { createdAt: "desc" },
  });
  return rows.map((row) => ({ ...row, role: readRole(row.role) }));
}

/** Makes an invitation. The path of its link is told once; the database keeps a hash. An earlier one to the same address ends. */
export async function invite(
  actor: Actor,
  input: { email: string; name: string; role: Role; days: number },
): Promise<{ id: string; path: string }> {
  const secret = randomBytes(32).toString("base64url");
  const email = input.email.toLowerCase();
  return database().prisma.$transaction(async (tx) => {
    await refuseTaken(tx, email);
    await tx.invitation.updateMany({
      where: { email, usedAt: null, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    const { id } = await tx.invitation.create({
      data: {
        email,
        name: input.name,
        role: input.role,
        hash: hashToken(secret),
        invitedBy: actor.me.email,
        expiresAt: new Date(Date.now() + input.days * dayMs),
      },
    });
    await recordAudit(tx, actor, "user.invite", email, { role: input.role, days: input.days });
    return { id, path: `/invitation/${secret}` };
  });
}

/** From now on its link opens nothing. */
export async function revokeInvitation(actor: Actor, id: string): Promise<void> {
  await database().prisma.$transaction(async (tx) => {
    const open = { id, usedAt: null, revokedAt: null };
    const row = await tx.invitation.findFirst({ where: open });
    if (!row) throw notFound("invitation", id);
    const { count } = await tx.invitation.updateMany({ where: open, data: { revokedAt: new Date() } });
    if (count === 0) throw notFound("invitation", id);
    await recordAudit(tx, actor, "user.uninvite", row.email);
  });
}

/** What a link leads to: an invitation, or why it is none any more. */
export async function lookAtInvitation(secret: string): Promise<InvitationLook> {
  const row = await database().prisma.invitation.findUnique({ where: { hash: hashToken(secret) } });
  if (!row) return { state: "unknown" };
  if (row.usedAt) return { state: "used" };
  if (row.revokedAt) return { state: "revoked" };
  if (row.expiresAt.getTime() <= Date.now()) return { state: "expired" };
  return { state: "open", email: row.email, name: row.name, role: readRole(row.role) };
}

const ended = {
  unknown: "This is not the link of an invitation. Check that it was copied whole.",
  used: "This invitation was used already. Sign in with the password that was chosen then.",
  revoked: "This invitation was withdrawn. Ask an administrator for a new one.",
  expired: "This invitation has expired. Ask an administrator for a new one.",
} as const;

/** Makes the account that an invitation is for. Of two who try at once, one gets it. */
export async function acceptInvitation(input: {
  secret: string;
  name: string;
  password: string;
}): Promise<{ email: string }> {
  const look = await lookAtInvitation(input.secret);
  if (look.state !== "open") throw refusal("PRECONDITION_FAILED", `invitation-${look.state}`, ended[look.state]);
  const password = await hashPassword(input.password);
  const { email, role } = look;
  return database().prisma.$transaction(async (tx) => {
    const { count } = await tx.invitation.updateMany({
      where: { hash: hashToken(input.secret), usedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
      data: { usedAt: new Date() },
    });
    if (count === 0) throw refusal("PRECONDITION_FAILED", "invitation-used", ended.used);
    await refuseTaken(tx, email);
    const id = await createAccount(tx, { name: input.name, email, role, password });
    const actor = { environment: readEnv().MILLRACE_ENVIRONMENT, me: { id, name: input.name, email, role } };
    await recordAudit(tx, actor, "user.join", email, { role });
    return { email };
  });
}

/** A person with a password, which comes as its hash. Returns the id. */
export async function createAccount(
  tx: Db,
  person: { name: string; email: string; role: Role; password: string },
): Promise<string> {
  const { password, ...user } = person;
  const id = randomUUID();
  await tx.user.create({ data: { id, ...user } });
  await tx.account.create({
    data: { id: randomUUID(), accountId: id, providerId: "credential", userId: id, password },
  });
  return id;
}

/** @throws TRPCError when somebody signs in with this address already */
export async function refuseTaken(tx: Db, email: string): Promise<void> {
  if ((await tx.user.count({ where: { email } })) > 0) {
    throw refusal("CONFLICT", "user-email-taken", `There is an account for ${email} already.`);
  }
}
