import { checkFlow } from "../../flow/check";
import type { FlowDocument } from "../../flow/document";
import { parseFlow } from "../../flow/parse";
import type { CommandInput } from "../command";
import { CommandFailure } from "../failure";
import { countErrors, writeProblems } from "../problems";
import { formatNumberOf } from "../table";

/** A flow as a folder has it. */
export interface FlowFile {
  path: string;
  document: FlowDocument;
}

/** Reads and checks every `*.flow.json` of a folder and those below it. @throws CommandFailure with every mistake in every file */
export async function readFlowFolder(input: CommandInput, folder: string): Promise<FlowFile[]> {
  const paths = (await input.listFiles(folder)).filter((path) => path.endsWith(".flow.json")).sort();
  if (paths.length === 0) {
    throw new CommandFailure(
      `There is no flow file in ${folder}: their names end in .flow.json. \`export NAME\` writes one. Nothing was changed.`,
    );
  }
  const files: FlowFile[] = [];
  const mistakes: string[] = [];
  for (const path of paths) {
    const { flow, problems: inFile } = parseFlow(await input.readFile(path));
    const problems = flow ? checkFlow(flow) : inFile;
    const twin = flow && files.find(({ document }) => document.name === flow.name);
    if (twin)
      mistakes.push(`${path}:\nerror    the flow \`${flow.name}\` is in ${twin.path}, too. Give one another name.`);
    if (flow) files.push({ path, document: flow });
    const errors = problems.filter(({ severity }) => severity === "error");
    if (countErrors(problems) > 0) mistakes.push(`${path}:\n${writeProblems(errors)}`);
  }
  if (mistakes.length > 0) {
    throw new CommandFailure(
      `${formatNumberOf(mistakes.length, "mistake")} in ${folder}; nothing was changed.\n\n${mistakes.join("\n\n")}`,
    );
  }
  return files;
}
