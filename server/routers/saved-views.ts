import "server-only";
import { z } from "zod";
import { allowed, router } from "../trpc";
import { listSavedViews, removeView, saveView } from "../use-cases/saved-views";
import type { SavedViewView } from "../views";

const page = z.enum(["runs"]);

export const savedViewsRouter = router({
  list: allowed("read", "view")
    .input(z.object({ page }))
    .query(({ ctx, input }): Promise<SavedViewView[]> => listSavedViews(ctx, input.page)),

  save: allowed("save", "view")
    .input(
      z.object({
        page,
        name: z.string().trim().min(1).max(80),
        query: z.string().max(2_000),
        shared: z.boolean().default(false),
      }),
    )
    .mutation(({ ctx, input }): Promise<{ id: string }> => saveView(ctx, input)),

  remove: allowed("save", "view")
    .input(z.object({ id: z.string().max(80) }))
    .mutation(({ ctx, input }): Promise<void> => removeView(ctx, input.id)),
});
