import "server-only";
import type { CapturedCases, CasesRun, Trial } from "@/flow/trial";
import { allowed, router } from "../trpc";
import { captureCases } from "../use-cases/capture-cases";
import { runCases, tryMessage } from "../use-cases/trials";
import { captureRequest, casesRequest, tryRequest } from "./inputs";

/** Messages tried on drawings that need not be deployed. */
export const trialsRouter = router({
  /** One message, through the flow's draft or a document that was not saved yet. */
  try: allowed("try", "trial")
    .input(tryRequest)
    .mutation(({ ctx, input }): Promise<Trial> => tryMessage(ctx, input)),

  /** The cases of a document, or those of its names. Calls are answered by what the cases give. */
  runCases: allowed("run-cases", "trial")
    .input(casesRequest)
    .mutation(({ ctx, input }): Promise<CasesRun> => runCases(ctx.environment, input)),

  /** Makes cases of messages, with what the draft makes of them as expectation. They are not saved: whoever asks puts them into the file. */
  capture: allowed("try", "trial")
    .input(captureRequest)
    .mutation(({ ctx, input }): Promise<CapturedCases> => captureCases(ctx, input)),
});
