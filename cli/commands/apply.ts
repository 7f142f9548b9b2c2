import type { Command, CommandInput, CommandResult } from "../command";
import { numberOption, textOption } from "../options";
import { writeProblems } from "../problems";
import { formatNumberOf } from "../table";
import { type Plan, type PlannedFlow, planFolder, writePlan } from "./apply-plan";
import { followUp, maxWaitSeconds } from "./deploy";
import { readFlowFolder } from "./flow-folder";

export const apply: Command = {
  usage:
    "apply DIR [--dry-run] [--yes] [--prune [--stop]] [--deploy [--create] [--strand] [--wait SECONDS] [--message TEXT]]",
  summary: "Bring the flows in line with a folder of flow files: shows the plan, asks, then all or nothing",
  needs: 1,
  options: {
    "dry-run": { type: "boolean" },
    yes: { type: "boolean" },
    prune: { type: "boolean" },
    stop: { type: "boolean" },
    deploy: { type: "boolean" },
    create: { type: "boolean" },
    strand: { type: "boolean" },
    wait: { type: "string" },
    message: { type: "string" },
  },
  async run(input) {
    const is = (name: string) => input.options[name] === true;
    numberOption(input, "wait", { min: 0, max: maxWaitSeconds });
    const files = await readFlowFolder(input, input.args[0]!);
    const plan = await planFolder(input.client, files, { prune: is("prune"), deploy: is("deploy") });
    const text = writePlan(plan, is("stop"));
    const data = { plan: plan.flows, applied: false, deployed: [] };
    const obstacle = findRunning(plan, is("stop")) ?? (await findUndeployable(input, plan));
    if (obstacle !== undefined) return { data, text, failure: `${obstacle}\nNothing was changed.` };
    if (is("dry-run") || !plan.flows.some(isWork)) return { data, text };
    if (is("yes")) return carryOut(input, plan, `${text}\n`);
    if (!input.ask) {
      const failure =
        "Nothing was changed: nobody can be asked here. `--yes` applies the plan without asking, `--dry-run` only shows it.";
      return { data, text, failure };
    }
    input.say(text);
    if (await input.ask("Apply this plan?")) return carryOut(input, plan, "");
    return { data, text: "", failure: "Nothing was changed." };
  },
};

const isWork = ({ does, deploys }: PlannedFlow) =>
  does === "create" || does === "change" || does === "delete" || deploys;

function findRunning({ flows }: Plan, stop: boolean): string | undefined {
  const running = flows.filter(({ does, running }) => does === "delete" && running !== null);
  if (stop || running.length === 0) return undefined;
  const names = running.map(({ name, running: version }) => `${name} (v${version})`).join(", ");
  return `${names} ${running.length === 1 ? "runs" : "run"}, and a running flow is not deleted. \`--stop\` stops what \`--prune\` deletes; or put its file into the folder.`;
}

/** What keeps a flow from being deployed is known before anything is saved. */
async function findUndeployable(input: CommandInput, { flows, documents }: Plan): Promise<string | undefined> {
  const create = input.options.create === true;
  const checks = await Promise.all(
    flows
      .filter(({ deploys }) => deploys)
      .map(async ({ name, file }) => {
        const { problems } = await input.client.flows.check.query({ document: documents.get(name) });
        const errors = problems.filter(
          ({ severity, fix }) => severity === "error" && !(create && fix?.do === "create-place"),
        );
        return errors.length > 0 ? `${file}:\n${writeProblems(errors)}` : null;
      }),
  );
  const found = checks.filter((check) => check !== null);
  return found.length > 0
    ? `${formatNumberOf(found.length, "flow")} cannot be deployed.\n${found.join("\n")}`
    : undefined;
}

async function carryOut(input: CommandInput, plan: Plan, before: string): Promise<CommandResult> {
  const { flows, documents } = plan;
  const applied = await input.client.flows.applyAll.mutate({
    set: flows
      .filter(({ does }) => does === "create" || does === "change")
      .map(({ name, revision }) => ({ document: documents.get(name), revision })),
    remove: flows.flatMap(({ name, does, revision }) =>
      does === "delete" && revision !== null ? [{ name, revision, stop: input.options.stop === true }] : [],
    ),
  });
  const lines = [
    ...applied.saved.map(({ name, created, revision }) =>
      created ? `${name} is made.` : `${name} is changed, revision ${revision}.`,
    ),
    ...applied.removed.map(({ name, stopped }) => `${name} is ${stopped ? "stopped and " : ""}deleted.`),
  ];
  const revisions = new Map(applied.saved.map(({ name, revision }) => [name, revision]));
  const deployed: unknown[] = [];
  const failures: string[] = [];
  for (const flow of flows.filter(({ deploys }) => deploys)) {
    const revision = revisions.get(flow.name) ?? flow.revision;
    const { data, text, failure } = await deployOne(input, flow.name, revision);
    deployed.push(data);
    if (failure === undefined) lines.push(text);
    else failures.push(failure);
  }
  const rest = failures.length > 0 ? "\nThe drafts are saved; the same command deploys what is left." : "";
  return {
    data: { plan: flows, applied: true, ...applied, deployed },
    text: before + lines.join("\n"),
    ...(failures.length > 0 ? { failure: failures.join("\n") + rest } : {}),
  };
}

async function deployOne(input: CommandInput, flow: string, revision: number | null): Promise<CommandResult> {
  const message = textOption(input, "message");
  const result = await input.client.deployments.deploy.mutate({
    flow,
    begin: { from: "continue" },
    createMissing: input.options.create === true,
    ...(revision === null ? {} : { revision }),
    ...(input.options.strand === true ? { strand: true } : {}),
    ...(message === undefined ? {} : { message }),
  });
  return followUp(input, flow, result, numberOption(input, "wait", { min: 0, max: maxWaitSeconds }));
}
