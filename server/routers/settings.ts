import "server-only";
import { z } from "zod";
import { allowed, router } from "../trpc";
import { invite, listInvitations, revokeInvitation } from "../use-cases/invitations";
import { changeOwnPassword } from "../use-cases/own-password";
import { endOtherSessions, endSession, listSessions } from "../use-cases/sessions";
import { createToken, listTokens, revokeToken } from "../use-cases/tokens";
import { addUser, listUsers, removeUser, setRole } from "../use-cases/users";
import type { InvitationView, SessionView, TokenView, UserView } from "../views";
import { newInvitation, newPassword, newToken, newUser, role } from "./inputs";

const byId = z.object({ id: z.string().max(80) });

export const settingsRouter = router({
  users: allowed("read", "user").query((): Promise<UserView[]> => listUsers()),
  addUser: allowed("create", "user")
    .input(newUser)
    .mutation(({ ctx, input }): Promise<{ id: string }> => addUser(ctx, input)),
  setRole: allowed("change", "user")
    .input(byId.extend({ role }))
    .mutation(({ ctx, input }): Promise<void> => setRole(ctx, input)),
  removeUser: allowed("remove", "user")
    .input(byId)
    .mutation(({ ctx, input }): Promise<void> => removeUser(ctx, input.id)),

  invitations: allowed("read", "invitation").query((): Promise<InvitationView[]> => listInvitations()),
  /** The path of the link is told here and never again. */
  invite: allowed("create", "invitation")
    .input(newInvitation)
    .mutation(({ ctx, input }): Promise<{ id: string; path: string }> => invite(ctx, input)),
  revokeInvitation: allowed("revoke", "invitation")
    .input(byId)
    .mutation(({ ctx, input }): Promise<void> => revokeInvitation(ctx, input.id)),

  sessions: allowed("read", "session").query(({ ctx }): Promise<SessionView[]> => listSessions(ctx)),
  endSession: allowed("end", "session")
    .input(byId)
    .mutation(({ ctx, input }): Promise<void> => endSession(ctx, input.id)),
  endOtherSessions: allowed("end", "session").mutation(({ ctx }): Promise<{ ended: number }> => endOtherSessions(ctx)),

  /** One's own; one's other sessions end. */
  changePassword: allowed("change", "password")
    .input(newPassword)
    .mutation(({ ctx, input }): Promise<{ ended: number }> => changeOwnPassword(ctx, input)),

  tokens: allowed("read", "token").query(({ ctx }): Promise<TokenView[]> => listTokens(ctx)),
  /** The token itself is told here and never again. */
  createToken: allowed("create", "token")
    .input(newToken)
    .mutation(({ ctx, input }): Promise<{ token: string }> => createToken(ctx, input)),
  revokeToken: allowed("revoke", "token")
    .input(byId)
    .mutation(({ ctx, input }): Promise<void> => revokeToken(ctx, input.id)),
});
