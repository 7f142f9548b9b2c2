import { diffFlows } from "../../flow/diff";
import type { FlowDocument } from "../../flow/document";
import { keepPlaces } from "../../flow/keep-places";
import type { Command, CommandInput } from "../command";
import { writeDiff, writeSummary } from "../diff-text";
import { CommandFailure, refuseUsage } from "../failure";
import { numberOption } from "../options";
import { readFlowFile } from "./files";

export const diff: Command = {
  usage: "diff FILE [--version N | --running]",
  summary: "Say how a file differs from its flow's draft, a version, or what is deployed; ends with 1 when it does",
  needs: 1,
  options: { version: { type: "string" }, running: { type: "boolean" } },
  // 1 says that they differ.
  troubleCode: 2,
  async run(input) {
    const file = await readFlowFile(input, input.args[0]!);
    const { document, against } = await findOther(input, file.name);
    // Where nodes stand need not be in a file: then it does not differ in that.
    const found = diffFlows(document, keepPlaces(file, document));
    const differs = found.differs !== "nothing";
    return {
      data: { flow: file.name, against, differs: found.differs, diff: found },
      text: differs
        ? `${file.name}: from ${against} to ${input.args[0]}: ${writeSummary(found)}\n${writeDiff(found)}`
        : `${input.args[0]} is the same as ${against} of ${file.name}.`,
      exitCode: differs ? 1 : 0,
    };
  },
};

async function findOther(input: CommandInput, name: string): Promise<{ document: FlowDocument; against: string }> {
  const number = numberOption(input, "version", { min: 1, max: 1_000_000 });
  if (number !== undefined && input.options.running === true)
    throw refuseUsage("Compare with one of them: --version or --running.", diff.usage);
  if (number !== undefined) {
    const { document } = await input.client.versions.get.query({ flow: name, number });
    return { document, against: `v${number}` };
  }
  const view = await input.client.flows.get.query({ name });
  if (input.options.running === true) {
    if (!view.running || !view.deployment)
      throw new CommandFailure(`${name} was never deployed, so there is nothing to compare with.`, {
        code: "flow-not-deployed",
      });
    return { document: view.running, against: `what is deployed (v${view.deployment.version})` };
  }
  if (!view.draft)
    throw new CommandFailure(`The draft of ${name} is of a format that this version does not read.`, {
      code: "file-format",
    });
  return { document: view.draft, against: `the draft (revision ${view.revision})` };
}
