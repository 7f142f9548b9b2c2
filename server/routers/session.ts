import "server-only";
import { database } from "../database";
import { isFirstRun } from "../first-account";
import { open, router } from "../trpc";
import { acceptInvitation, lookAtInvitation } from "../use-cases/invitations";
import type { InvitationLook, Me } from "../views";
import { invitationSecret, takenInvitation } from "./inputs";

export const sessionRouter = router({
  /** Who asks, and whether the first account is still to be made. */
  state: open.query(async ({ ctx }): Promise<{ me: Me | null; firstRun: boolean }> => {
    return { me: ctx.me, firstRun: await isFirstRun(database().prisma) };
  }),

  /** What the link of an invitation leads to; its secret is the right to ask. */
  invitation: open
    .input(invitationSecret)
    .query(({ input }): Promise<InvitationLook> => lookAtInvitation(input.secret)),
  /** Makes the account that an invitation is for; who took it signs in then. */
  join: open.input(takenInvitation).mutation(({ input }): Promise<{ email: string }> => acceptInvitation(input)),
});
