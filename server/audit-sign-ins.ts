import "server-only";
import { createAuthMiddleware, getSessionFromCtx, isAPIError } from "better-auth/api";
import { recordAudit } from "./audit";
import { readRole } from "./can";
import { database } from "./database";

/** Longest address of a failed sign-in that is written down: who sends it is not known. */
const maxEmailCharacters = 200;

/** Writes sign-ins, failed ones, and sign-outs into the audit trail. */
export function auditSignIns(environment: string) {
  const record = (user: { id: string; name: string; email: string; role?: unknown }, action: string, detail = {}) => {
    const { id, name, email } = user;
    const role = readRole(typeof user.role === "string" ? user.role : null);
    return recordAudit(database().prisma, { environment, me: { id, name, email, role } }, action, email, detail);
  };
  return {
    // Afterwards nobody knows any more whose session it was.
    before: createAuthMiddleware(async (context) => {
      if (context.path !== "/sign-out") return;
      const session = await getSessionFromCtx(context);
      if (session) await record(session.user, "session.sign-out");
    }),
    after: createAuthMiddleware(async (context) => {
      const signedUp = context.path === "/sign-up/email";
      if (context.path !== "/sign-in/email" && !signedUp) return;
      const { newSession, returned } = context.context;
      if (newSession) {
        if (signedUp) await record(newSession.user, "user.first");
        await record(newSession.user, "session.sign-in", { address: newSession.session.ipAddress ?? "" });
      } else if (isAPIError(returned) && !signedUp) {
        const email = String(context.body?.email ?? "")
          .toLowerCase()
          .slice(0, maxEmailCharacters);
        await record({ id: "", name: "", email }, "session.sign-in-failed");
      }
    }),
  };
}
