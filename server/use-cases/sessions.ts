import "server-only";
import { type Actor, recordAudit } from "../audit";
import { readRole, smallerRole } from "../can";
import type { Context } from "../context";
import { database } from "../database";
import { notFound } from "../refusal";
import type { Role, SessionView } from "../views";

/** Who asks, and in which session. */
type Asker = Actor & Pick<Context, "session">;

/** One's own open sessions, this one first; an administrator sees everyone's. */
export async function listSessions(asker: Asker): Promise<SessionView[]> {
  const rows = await database().prisma.session.findMany({
    where: { expiresAt: { gt: new Date() }, ...(asker.me.role === "admin" ? {} : { userId: asker.me.id }) },
    select: {
      id: true,
      userAgent: true,
      ipAddress: true,
      createdAt: true,
      expiresAt: true,
      userId: true,
      user: { select: { name: true, email: true } },
    },
    orderBy: { createdAt: "desc" },
  });
  return rows
    .map(({ user, userId, ipAddress, ...row }) => ({
      ...row,
      address: ipAddress ?? "",
      owner: user.name,
      email: user.email,
      mine: userId === asker.me.id,
      current: row.id === asker.session,
    }))
    .sort((a, b) => rank(a) - rank(b));
}

const rank = (session: SessionView) => (session.current ? 0 : session.mine ? 1 : 2);

/** Ends a session: its next request is refused, its live stream closes within seconds. */
export async function endSession(asker: Asker, id: string): Promise<void> {
  await database().prisma.$transaction(async (tx) => {
    const row = await tx.session.findUnique({ where: { id }, include: { user: { select: { email: true } } } });
    if (!row || (asker.me.role !== "admin" && row.userId !== asker.me.id)) throw notFound("session", id);
    await tx.session.deleteMany({ where: { id } });
    await recordAudit(tx, asker, "session.end", row.user.email, { address: row.ipAddress ?? "" });
  });
}

/** Ends all of one's own sessions but this one. */
export async function endOtherSessions(asker: Asker): Promise<{ ended: number }> {
  return database().prisma.$transaction(async (tx) => {
    const { count: ended } = await tx.session.deleteMany({
      where: { userId: asker.me.id, ...(asker.session === undefined ? {} : { id: { not: asker.session } }) },
    });
    if (ended > 0) await recordAudit(tx, asker, "session.end-others", asker.me.email, { ended });
    return { ended };
  });
}

/** The role that who opened a stream has by now; null when their session or token has ended. */
export async function readRoleNow(context: Pick<Context, "session" | "token" | "me">): Promise<Role | null> {
  const { prisma } = database();
  const user = { select: { role: true } };
  if (context.session !== undefined) {
    const row = await prisma.session.findUnique({
      where: { id: context.session },
      select: { expiresAt: true, user },
    });
    return row && row.expiresAt.getTime() > Date.now() ? readRole(row.user.role) : null;
  }
  if (context.token) {
    const row = await prisma.apiToken.findUnique({
      where: { id: context.token.id },
      select: { expiresAt: true, role: true, user },
    });
    if (!row || (row.expiresAt && row.expiresAt.getTime() <= Date.now())) return null;
    return smallerRole(readRole(row.role), readRole(row.user.role));
  }
  return context.me?.role ?? null;
}
