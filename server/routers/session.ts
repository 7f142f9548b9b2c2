import "server-only";
import { database } from "../database";
import { isFirstRun } from "../first-account";
import { open, router } from "../trpc";
import type { Me } from "../views";

export const sessionRouter = router({
  /** Who asks, and whether the first account is still to be made. */
  state: open.query(async ({ ctx }): Promise<{ me: Me | null; firstRun: boolean }> => {
    return { me: ctx.me, firstRun: await isFirstRun(database().prisma) };
  }),
});
