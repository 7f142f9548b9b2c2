import "server-only";
import { z } from "zod";
import { allowed, router } from "../trpc";
import { listSavedViews, removeView, renameView, saveView } from "../use-cases/saved-views";
import type { SavedViewView } from "../views";

/** Runs of all flows; runs of one flow, whichever: those leave the flow out. */
const page = z.enum(["runs", "flow-runs"]);
const name = z.string().trim().min(1).max(80);

export const savedViewsRouter = router({
  list: allowed("read", "view")
    .input(z.object({ page }))
    .query(({ ctx, input }): Promise<SavedViewView[]> => listSavedViews(ctx, input.page)),

  save: allowed("save", "view")
    .input(
      z.object({
        page,
        name,
        query: z.string().max(2_000),
        shared: z.boolean().default(false),
      }),
    )
    .mutation(({ ctx, input }): Promise<{ id: string }> => saveView(ctx, input)),

  rename: allowed("save", "view")
    .input(z.object({ id: z.string().max(80), name }))
    .mutation(({ ctx, input }): Promise<void> => renameView(ctx, input.id, input.name)),

  remove: allowed("save", "view")
    .input(z.object({ id: z.string().max(80) }))
    .mutation(({ ctx, input }): Promise<void> => removeView(ctx, input.id)),
});
