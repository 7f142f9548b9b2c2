import { checkFlow } from "../../flow/check";
import type { FlowDocument } from "../../flow/document";
import { formatFlow } from "../../flow/format";
import { parseFlow } from "../../flow/parse";
import { semanticsOf } from "../../flow/semantics";
import type { FlowSummary } from "../../server/views";
import type { Command, CommandInput } from "../command";
import { CommandFailure } from "../failure";
import { writeGuarantee } from "../guarantee";
import { numberOption } from "../options";
import { countErrors, writeProblems } from "../problems";
import { formatAgo, formatNumberOf, writeTable } from "../table";
import { readFlowFile } from "./files";

export const check: Command = {
  usage: "check FILE [--server]",
  summary: "Say what is wrong with a flow file; needs no server, unless it is to be asked, too",
  needs: 1,
  options: { server: { type: "boolean" } },
  offline: true,
  async run(input) {
    const path = input.args[0]!;
    const { flow, problems: inFile } = parseFlow(await input.readFile(path));
    const asked = flow && input.options.server === true ? await askServer(input, flow) : null;
    const problems = asked?.problems ?? (flow ? checkFlow(flow) : inFile);
    const errors = countErrors(problems);
    const semantics = asked ? asked.semantics : flow ? semanticsOf(flow) : null;
    const warnings = asked?.warnings ?? [];
    const lines = [writeProblems(problems), ...warnings.map((warning) => `warning  ${warning}`)];
    if (errors === 0)
      lines.push(`${path} is well: ${formatNumberOf(flow?.nodes.length ?? 0, "node")}. ${semantics?.summary ?? ""}`);
    if (semantics) lines.push("", writeGuarantee(semantics));
    const failure = errors === 0 ? {} : { failure: `${path} has ${formatNumberOf(errors, "error")}.` };
    const data = { problems, semantics, ...(asked ? { warnings } : {}) };
    return { data, text: lines.join("\n").trim(), ...failure };
  },
};

/** What only the server knows: connections, what the brokers have, and what a deploy would do to what the flow holds back. */
async function askServer({ client }: CommandInput, flow: FlowDocument) {
  const [{ problems, semantics }, flows] = await Promise.all([
    client.flows.check.query({ document: flow }),
    client.flows.list.query(),
  ]);
  const isThere = flows.some(({ name }) => name === flow.name);
  const impact = isThere ? await client.deployments.sagaImpact.query({ flow: flow.name, document: flow }) : null;
  const stranded = impact?.problems.map(({ message }) => message) ?? [];
  return { problems, semantics, warnings: [...(impact?.move ? [impact.move] : []), ...stranded] };
}

export const push: Command = {
  usage: "push FILE",
  summary: "Save a flow file as the draft of its flow, making the flow when there is none",
  needs: 1,
  async run(input) {
    const document = await readFlowFile(input, input.args[0]!);
    const pushed = await input.client.flows.push.mutate({ document });
    const did = pushed.created ? "Made" : "Saved";
    return { data: pushed, text: `${did} ${pushed.name} as draft, revision ${pushed.revision}.` };
  },
};

export const list: Command = {
  usage: "list",
  summary: "List the flows, with what runs of them",
  needs: 0,
  async run(input) {
    const flows = await input.client.flows.list.query();
    if (flows.length === 0) return { data: flows, text: "There are no flows yet. `push FILE` makes one." };
    const text = writeTable(flows, [
      { title: "name", value: (flow) => flow.name },
      { title: "state", value: describeDeployment },
      { title: "versions", value: (flow) => flow.latestVersion, right: true },
      { title: "draft", value: (flow) => (flow.draftDiffers ? "differs" : "") },
      { title: "dead letters", value: (flow) => flow.deadLetters || "", right: true },
      { title: "changed", value: (flow) => formatAgo(flow.updatedAt, input.now()) },
      { title: "title", value: (flow) => flow.title },
    ]);
    return { data: flows, text };
  },
};

export const exportFlow: Command = {
  usage: "export NAME [--version N]",
  summary: "Print a flow's draft, or one of its versions, as a file",
  needs: 1,
  options: { version: { type: "string" } },
  async run(input) {
    const name = input.args[0]!;
    const number = numberOption(input, "version", { min: 1, max: 1_000_000 });
    const document =
      number === undefined
        ? (await input.client.flows.get.query({ name })).draft
        : (await input.client.versions.get.query({ flow: name, number })).document;
    if (!document) {
      throw new CommandFailure(`The draft of ${name} is of a format that this version does not read.`, {
        code: "file-format",
      });
    }
    return { data: document, text: formatFlow(document).trimEnd() };
  },
};

export const versions: Command = {
  usage: "versions NAME",
  summary: "List the versions of a flow, and what was deployed when",
  needs: 1,
  async run(input) {
    const flow = input.args[0]!;
    const [versionList, history] = await Promise.all([
      input.client.versions.list.query({ flow }),
      input.client.deployments.history.query({ flow }),
    ]);
    const data = { versions: versionList, history };
    if (versionList.length === 0) return { data, text: `${flow} was never deployed, so it has no versions.` };
    const table = writeTable(versionList, [
      { title: "version", value: (version) => version.number, right: true },
      { title: "state", value: (version) => (version.running ? "running" : "") },
      { title: "made", value: (version) => version.createdAt.toISOString() },
      { title: "by", value: (version) => version.author },
      { title: "name", value: (version) => version.name },
      { title: "message", value: (version) => version.message },
    ]);
    const events = writeTable(history.slice(0, 10), [
      { title: "at", value: (event) => event.at.toISOString() },
      { title: "what", value: (event) => event.action },
      { title: "version", value: (event) => event.version, right: true },
      { title: "by", value: (event) => event.by },
    ]);
    return { data, text: `${table}\n\n${events}` };
  },
};

function describeDeployment({ deployment }: FlowSummary): string {
  if (!deployment) return "not deployed";
  return deployment.desired === "running" ? `deployed (v${deployment.version})` : `stopped (v${deployment.version})`;
}
