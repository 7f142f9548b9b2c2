import "server-only";
import { hashPassword } from "better-auth/crypto";
import { localUser } from "@/prisma/local-user";
import { type Actor, recordAudit } from "../audit";
import { readRole } from "../can";
import { type Db, database } from "../database";
import { notFound, refusal } from "../refusal";
import type { Role, UserView } from "../views";
import { createAccount, refuseTaken } from "./invitations";

/** People, the oldest account first. The command line's own user is none of them. */
export async function listUsers(): Promise<UserView[]> {
  const users = await database().prisma.user.findMany({
    where: { id: { not: localUser.id } },
    select: { id: true, name: true, email: true, role: true, createdAt: true },
    orderBy: { createdAt: "asc" },
  });
  return users.map((user) => ({ ...user, role: readRole(user.role) }));
}

/** An administrator adds a person, who can sign in at once. */
export async function addUser(
  actor: Actor,
  input: { name: string; email: string; password: string; role: Role },
): Promise<{ id: string }> {
  const { prisma } = database();
  const email = input.email.toLowerCase();
  const password = await hashPassword(input.password);
  return prisma.$transaction(async (tx) => {
    await refuseTaken(tx, email);
    const id = await createAccount(tx, { name: input.name, email, role: input.role, password });
    await recordAudit(tx, actor, "user.add", email, { role: input.role });
    return { id };
  });
}

/** Another role, from the next request on. */
export async function setRole(actor: Actor, input: { id: string; role: Role }): Promise<void> {
  await database().prisma.$transaction(async (tx) => {
    const user = await findUser(tx, input.id);
    if (input.role !== "admin") await refuseLastAdmin(tx, user);
    await tx.user.update({ where: { id: user.id }, data: { role: input.role } });
    await recordAudit(tx, actor, "user.role", user.email, { role: input.role });
  });
}

/** Ends an account with its sessions and tokens. What the person made stays. */
export async function removeUser(actor: Actor, id: string): Promise<void> {
  await database().prisma.$transaction(async (tx) => {
    const user = await findUser(tx, id);
    if (user.id === actor.me.id) {
      throw refusal(
        "PRECONDITION_FAILED",
        "user-self",
        "You cannot remove your own account. Ask another administrator.",
      );
    }
    await refuseLastAdmin(tx, user);
    await tx.user.delete({ where: { id: user.id } });
    await recordAudit(tx, actor, "user.remove", user.email);
  });
}

async function findUser(tx: Db, id: string) {
  const user = id === localUser.id ? null : await tx.user.findUnique({ where: { id } });
  if (!user) throw notFound("user", id);
  return user;
}

/** Locks the administrators' rows, so that two of them cannot remove each other at the same moment. */
async function refuseLastAdmin(tx: Db, user: { id: string; role: string }): Promise<void> {
  if (user.role !== "admin") return;
  const admins = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "user" WHERE "role" = 'admin' AND "id" <> ${localUser.id} ORDER BY "id" FOR UPDATE`;
  if (admins.some((admin) => admin.id !== user.id)) return;
  throw refusal(
    "PRECONDITION_FAILED",
    "user-last-admin",
    "This is the last administrator. Make another person one first.",
  );
}
