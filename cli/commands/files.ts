import { type FlowDocument, flowNamePattern } from "../../flow/document";
import { parseFlow } from "../../flow/parse";
import type { CommandInput } from "../command";
import { CommandFailure } from "../failure";
import { writeProblems } from "../problems";

/** Reads a flow file. @throws CommandFailure with every mistake in it */
export async function readFlowFile(input: CommandInput, path: string): Promise<FlowDocument> {
  const { flow, problems } = parseFlow(await input.readFile(path));
  if (flow) return flow;
  // Each problem stands with its code.
  throw new CommandFailure(`${path} cannot be read as a flow.\n${writeProblems(problems)}`);
}

/** Is it a file, and not the name of a flow? */
export function namesFile(input: CommandInput, what: string): boolean {
  return /\.json$|[/\\]/.test(what) || (!flowNamePattern.test(what.replace(/@\d+$/, "")) && input.fileExists(what));
}
