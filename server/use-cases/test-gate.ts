import "server-only";
import { TRPCError } from "@trpc/server";
import { explainCase } from "@/flow/case-words";
import type { FlowDocument } from "@/flow/document";
import type { Problem } from "@/flow/problems";
import { runCasesOf } from "./trials";

/** So many failed cases are told one by one. */
const maxTold = 20;

/**
 * What keeps a flow from being deployed that asks for all of its cases to pass: each case that fails, with the node where it first differs,
 * or that none could be run.
 */
export async function findFailingCases(environment: string, document: FlowDocument): Promise<Problem[]> {
  const cases = document.tests ?? [];
  if (!document.settings?.requireTests || cases.length === 0) return [];
  const rule = "The flow is deployed only when all of its cases pass.";
  try {
    const { results } = await runCasesOf(environment, document, cases);
    const failed = results.filter(({ passed }) => !passed);
    const told = failed.slice(0, maxTold).map((result): Problem => {
      const node = result.differences[0]?.node;
      return {
        code: "tests-failed",
        severity: "error",
        message: `Case “${result.name}” fails. ${explainCase(result)}`,
        ...(node !== undefined && document.nodes.some(({ id }) => id === node) ? { node } : {}),
        field: `tests.${cases.findIndex(({ name }) => name === result.name)}`,
      };
    });
    const more = failed.length - told.length;
    if (more > 0) told.push({ code: "tests-failed", severity: "error", message: `${more} more cases fail. ${rule}` });
    return told;
  } catch (error) {
    // That no worker is there to run them is an answer; a defect is none.
    if (!(error instanceof TRPCError) || error.code === "INTERNAL_SERVER_ERROR") throw error;
    const message = `The cases could not be run. ${rule} ${error.message}`;
    return [{ code: "tests-not-run", severity: "error", message }];
  }
}
