import "server-only";
import { z } from "zod";
import { allowed, router } from "../trpc";
import { countDeadLetters, getDeadLetter, groupDeadLetters, listDeadLetters } from "../use-cases/dead-letters";
import { discardDeadLetters, takeBackDeadLetters } from "../use-cases/discard";
import { auditExport, exportDeadLetters } from "../use-cases/export-letters";
import { countForwards } from "../use-cases/forwards";
import {
  maskExport,
  maskLetter,
  maskLetterGroups,
  maskLetters,
  maskPreview,
  refuseUnseen,
} from "../use-cases/mask-letters";
import { whereKeySeen } from "../use-cases/masks";
import { previewRedrive } from "../use-cases/preview-redrive";
import { redriveDeadLetters } from "../use-cases/redrive";
import type {
  DeadLetterCount,
  DeadLetterGroup,
  DeadLetterSummary,
  DeadLetterView,
  ExportedPage,
  ForwardCount,
  RedrivePreview,
  RedriveView,
} from "../views";
import { deadLetterFilter, discard, name, redrive, takeBack } from "./inputs";

export const deadLettersRouter = router({
  list: allowed("read", "dead-letter")
    .input(deadLetterFilter)
    .query(
      ({ ctx, input }): Promise<{ items: DeadLetterSummary[]; more: boolean; total: number }> =>
        whereKeySeen(ctx, input)
          .then((filter) => listDeadLetters(ctx.environment, filter))
          .then(async (page) => ({ ...page, items: await maskLetters(ctx, page.items) })),
    ),

  groups: allowed("read", "dead-letter")
    .input(z.object({ flow: name.optional() }))
    .query(
      ({ ctx, input }): Promise<DeadLetterGroup[]> =>
        groupDeadLetters(ctx.environment, input.flow).then((groups) => maskLetterGroups(ctx, groups)),
    ),

  counts: allowed("read", "dead-letter")
    .input(z.object({ flow: name.optional() }))
    .query(({ ctx, input }): Promise<DeadLetterCount[]> => countDeadLetters(ctx.environment, input.flow)),

  forwards: allowed("read", "dead-letter")
    .input(z.object({ flow: name.optional() }))
    .query(({ ctx, input }): Promise<ForwardCount[]> => countForwards(ctx.environment, input.flow)),

  get: allowed("read", "dead-letter")
    .input(z.object({ id: z.string().max(80) }))
    .query(
      ({ ctx, input }): Promise<DeadLetterView> =>
        getDeadLetter(ctx.environment, input.id).then((letter) => maskLetter(ctx, letter)),
    ),

  /** A page of whole dead letters, the newest first; `next` leads to the page behind it. */
  export: allowed("read", "dead-letter")
    .input(deadLetterFilter.omit({ limit: true }))
    .query(async ({ ctx, input }): Promise<ExportedPage> => {
      const page = await exportDeadLetters(ctx.environment, await whereKeySeen(ctx, input));
      await auditExport(ctx, input);
      return maskExport(ctx, page);
    }),

  redrive: allowed("redrive", "dead-letter")
    .input(redrive)
    .mutation(async ({ ctx, input }): Promise<{ queued: number; redrives: RedriveView[] }> => {
      await refuseUnseen(ctx, input);
      return redriveDeadLetters(ctx, input);
    }),

  /** What `redrive` would do with the same input. Sends nothing. */
  preview: allowed("redrive", "dead-letter")
    .input(redrive)
    .query(async ({ ctx, input }): Promise<RedrivePreview> => {
      await refuseUnseen(ctx, input);
      return maskPreview(ctx, await previewRedrive(ctx.environment, input));
    }),

  discard: allowed("discard", "dead-letter")
    .input(discard)
    .mutation(async ({ ctx, input }): Promise<{ discarded: number; skipped: number }> => {
      await refuseUnseen(ctx, input);
      return discardDeadLetters(ctx, input);
    }),

  takeBack: allowed("discard", "dead-letter")
    .input(takeBack)
    .mutation(({ ctx, input }): Promise<{ waiting: number }> => takeBackDeadLetters(ctx, input)),
});
