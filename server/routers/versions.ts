import "server-only";
import { z } from "zod";
import type { FlowDocument } from "@/flow/document";
import { allowed, router } from "../trpc";
import { getVersion, listVersions, nameVersion } from "../use-cases/versions";
import type { VersionSummary } from "../views";
import { name, ofFlow } from "./inputs";

export const versionsRouter = router({
  list: allowed("read", "version")
    .input(ofFlow)
    .query(({ ctx, input }): Promise<VersionSummary[]> => listVersions(ctx.environment, input.flow)),

  get: allowed("read", "version")
    .input(z.object({ flow: name, number: z.int().min(1) }))
    .query(
      ({ ctx, input }): Promise<{ number: number; document: FlowDocument }> =>
        getVersion(ctx.environment, input.flow, input.number),
    ),

  name: allowed("name", "version")
    .input(z.object({ flow: name, number: z.int().min(1), name: z.string().trim().max(80) }))
    .mutation(({ ctx, input }): Promise<{ name: string }> => nameVersion(ctx, input)),
});
