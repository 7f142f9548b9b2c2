import "server-only";
import { z } from "zod";
import { allowed, router } from "../trpc";
import { listRecordings, startRecording, stopRecording } from "../use-cases/recordings";
import type { RecordingView } from "../views";
import { name, ofFlow } from "./inputs";

/** What is recorded of flows for a time, beside what their settings say. */
export const recordingsRouter = router({
  list: allowed("read", "recording")
    .input(ofFlow)
    .query(({ ctx, input }): Promise<RecordingView[]> => listRecordings(ctx, input.flow)),

  /** Every run whose message fits is kept, until it ends. */
  start: allowed("start", "recording")
    .input(z.object({ flow: name, condition: z.string().min(1).max(2_000), minutes: z.int().min(1).max(1_440) }))
    .mutation(({ ctx, input }): Promise<{ id: string; endsAt: Date }> => startRecording(ctx, input)),

  stop: allowed("stop", "recording")
    .input(z.object({ id: z.string().max(80) }))
    .mutation(({ ctx, input }): Promise<void> => stopRecording(ctx, input.id)),
});
