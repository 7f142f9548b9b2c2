import "server-only";
import { hashPassword, verifyPassword } from "better-auth/crypto";
import { type Actor, recordAudit } from "../audit";
import type { Context } from "../context";
import { database } from "../database";
import { refusal } from "../refusal";

/** Who holds somebody's open session is not to find the password out: so many wrong ones in so long, in this process. */
const mostWrong = 5;
const wrongWithinMs = 15 * 60_000;
const wrongAt = new Map<string, number[]>();

/**
 * Gives oneself another password, and ends one's other sessions: whoever knew the old one may have opened them.
 * @throws TRPCError where the current one is wrong, or they came by a token
 */
export async function changeOwnPassword(
  asker: Actor & Pick<Context, "session">,
  input: { current: string; next: string },
): Promise<{ ended: number }> {
  const { prisma } = database();
  const { id, email } = asker.me;
  if (asker.session === undefined)
    throw refusal("FORBIDDEN", "session-needed", "Only who is signed in changes their password, not an API token.");
  refuseGuessing(id);
  const account = await prisma.account.findFirst({ where: { userId: id, providerId: "credential" } });
  if (!account?.password)
    throw refusal("PRECONDITION_FAILED", "password-none", "This account signs in without a password.");
  if (!(await verifyPassword({ hash: account.password, password: input.current }))) {
    wrongAt.set(id, [...(wrongAt.get(id) ?? []), Date.now()]);
    await recordAudit(prisma, asker, "user.password-refused", email);
    throw refusal("FORBIDDEN", "password-wrong", "This is not your current password. Nothing was changed.");
  }
  if (input.next === input.current)
    throw refusal("BAD_REQUEST", "password-same", "That is the password that you have. Choose another one.");
  const password = await hashPassword(input.next);
  wrongAt.delete(id);
  return prisma.$transaction(async (tx) => {
    await tx.account.update({ where: { id: account.id }, data: { password } });
    const { count: ended } = await tx.session.deleteMany({ where: { userId: id, id: { not: asker.session! } } });
    await recordAudit(tx, asker, "user.password", email, { sessionsEnded: ended });
    return { ended };
  });
}

function refuseGuessing(user: string): void {
  const since = Date.now() - wrongWithinMs;
  const recent = (wrongAt.get(user) ?? []).filter((at) => at > since);
  if (recent.length > 0) wrongAt.set(user, recent);
  else wrongAt.delete(user);
  if (recent.length < mostWrong) return;
  const minutes = Math.ceil((recent[0]! - since) / 60_000);
  throw refusal(
    "TOO_MANY_REQUESTS",
    "password-guesses",
    `The current password was wrong ${recent.length} times. Try again in ${minutes} min, or ask an administrator.`,
  );
}
