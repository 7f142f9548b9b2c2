import { checkFlow } from "../../flow/check";
import { flowNamePattern } from "../../flow/document";
import { joinWords } from "../../flow/issues";
import { placeTypes } from "../../flow/place";
import type { Problem } from "../../flow/problems";
import { explainNoWorker } from "../../flow/workers";
import type { Begin, DeployResult, LiveView, WorkerView } from "../../server/views";
import type { Command, CommandInput, CommandResult } from "../command";
import { CommandFailure, refuseUsage } from "../failure";
import { numberOption, textOption } from "../options";
import { countErrors, writeProblems } from "../problems";
import { formatNumberOf } from "../table";
import { namesFile, readFlowFile } from "./files";

const pollMs = 300;
/** Longest that `--wait` waits. */
export const maxWaitSeconds = 3_600;

export const deploy: Command = {
  usage:
    "deploy FILE | NAME[@VERSION] [--wait SECONDS] [--create] [--strand] [--message TEXT] [--from continue|earliest|latest|TIME]",
  summary: "Deploy a file (pushing it first), a draft, or a version",
  needs: 1,
  options: {
    wait: { type: "string" },
    create: { type: "boolean" },
    strand: { type: "boolean" },
    message: { type: "string" },
    from: { type: "string" },
  },
  async run(input) {
    const wait = numberOption(input, "wait", { min: 0, max: maxWaitSeconds });
    const begin = readBegin(textOption(input, "from"));
    const message = textOption(input, "message");
    const chosen = await choose(input, input.args[0]!);
    if ("problems" in chosen) return followUp(input, chosen.flow, { ok: false, problems: chosen.problems }, wait);
    const result = await input.client.deployments.deploy.mutate({
      ...chosen,
      begin,
      createMissing: input.options.create === true,
      ...readStrand(input),
      ...(message === undefined ? {} : { message }),
    });
    return followUp(input, chosen.flow, result, wait);
  },
};

export const rollback: Command = {
  usage: "rollback NAME [--wait SECONDS] [--strand]",
  summary: "Run the version before the present one again",
  needs: 1,
  options: { wait: { type: "string" }, strand: { type: "boolean" } },
  async run(input) {
    const wait = numberOption(input, "wait", { min: 0, max: maxWaitSeconds });
    const flow = input.args[0]!;
    const result = await input.client.deployments.rollback.mutate({ flow, ...readStrand(input) });
    return followUp(input, flow, result, wait);
  },
};

export const start: Command = {
  usage: "start NAME [--wait SECONDS] [--strand]",
  summary: "Start a stopped flow: its last version goes on where it stood",
  needs: 1,
  options: { wait: { type: "string" }, strand: { type: "boolean" } },
  async run(input) {
    const wait = numberOption(input, "wait", { min: 0, max: maxWaitSeconds });
    const flow = input.args[0]!;
    const result = await input.client.deployments.start.mutate({ flow, ...readStrand(input) });
    return followUp(input, flow, result, wait);
  },
};

export const stop: Command = {
  usage: "stop NAME [--wait SECONDS]",
  summary: "Stop a flow; what is in flight is finished first",
  needs: 1,
  options: { wait: { type: "string" } },
  async run(input) {
    const flow = input.args[0]!;
    const wait = numberOption(input, "wait", { min: 0, max: maxWaitSeconds });
    const { revision, sagas } = await input.client.deployments.stop.mutate({ flow });
    const rest = sagas > 0 ? `\n${formatNumberOf(sagas, "saga rests", "sagas rest")} until it is started again.` : "";
    const deadline = input.now() + (wait ?? 0) * 1_000;
    for (;;) {
      const [view] = wait === undefined ? [] : await input.client.deployments.status.query({ flow });
      const data = { flow, revision, sagas, state: view?.state ?? null };
      if (wait === undefined) return { data, text: `${flow} is asked to stop.${rest}` };
      // The look may be a moment older than the request.
      if (view && view.revision >= revision && view.state === "stopped") {
        return { data, text: `${flow} is stopped.${rest}` };
      }
      if (input.now() >= deadline) {
        return { data, text: "", failure: `${flow} is still ${view?.state ?? "unknown"} after ${wait} s.` };
      }
      await input.sleep(pollMs);
    }
  },
};

async function choose(
  input: CommandInput,
  what: string,
): Promise<{ flow: string; version?: number; revision?: number } | { flow: string; problems: Problem[] }> {
  const [, name = "", version] = /^([^@]*)(?:@(\d+))?$/.exec(what) ?? [];
  if (namesFile(input, what)) {
    const document = await readFlowFile(input, what);
    const problems = checkFlow(document);
    // What cannot run does not take the place of a draft that does.
    if (countErrors(problems) > 0) return { flow: document.name, problems };
    const pushed = await input.client.flows.push.mutate({ document });
    if (pushed.created) input.say(`Made the flow ${pushed.name}.`);
    return { flow: pushed.name, revision: pushed.revision };
  }
  if (!flowNamePattern.test(name))
    throw refuseUsage(`“${what}” is neither a flow file nor NAME or NAME@VERSION.`, deploy.usage);
  return version === undefined ? { flow: name } : { flow: name, version: Number(version) };
}

const readStrand = (input: CommandInput) => (input.options.strand === true ? { strand: true } : {});

function readBegin(text: string | undefined): Begin {
  if (text === undefined || text === "continue") return { from: "continue" };
  if (text === "earliest" || text === "latest") return { from: text };
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw refuseUsage(`--from takes continue, earliest, latest or a time like 2026-11-23T08:00:00Z, not “${text}”.`);
  return { from: "time", at };
}

/** What came of a deploy, in words; waits until it runs when asked to. */
export async function followUp(
  input: CommandInput,
  flow: string,
  result: DeployResult,
  waitSeconds: number | undefined,
): Promise<CommandResult> {
  if (!result.ok) {
    const missing = placeTypes.filter((type) => result.problems.some(({ code }) => code === `${type}-missing`));
    const hint =
      missing.length > 0
        ? `\n\`--create\` makes the missing ${joinWords(
            missing.map((type) => `${type}s`),
            "and",
          )}.`
        : result.confirm === "strand"
          ? "\n`--strand` deploys all the same."
          : "";
    return {
      data: { flow, ...result },
      text: "",
      failure: `${flow} was not deployed.\n${writeProblems(result.problems)}${hint}`,
    };
  }
  const made = result.createdVersion ? ", a new version" : "";
  if (result.move) input.say(`warning  ${result.move}`);
  if (waitSeconds === undefined) {
    return {
      data: { flow, ...result },
      text: `${flow} v${result.version} is deployed${made} (revision ${result.revision}).${result.waits ? `\nIt waits: ${writeCause(result.waits)}` : ""}`,
    };
  }
  const { state, workers, reason } = await waitUntilRunning(input, flow, result.revision, waitSeconds);
  const data = { flow, ...result, state, workers };
  if (reason === undefined) {
    return {
      data,
      text: `${flow} v${result.version} runs on ${formatNumberOf(workers, "worker")}${made} (revision ${result.revision}).`,
    };
  }
  return { data, text: "", failure: `${flow} v${result.version} is deployed, but does not run: ${reason}` };
}

interface Waited {
  state: LiveView["state"] | "unknown";
  workers: number;
  /** Why it does not run; absent when it does. */
  reason?: string;
}

async function waitUntilRunning(
  input: CommandInput,
  flow: string,
  revision: number,
  waitSeconds: number,
): Promise<Waited> {
  const deadline = input.now() + waitSeconds * 1_000;
  for (;;) {
    const [[view], workers] = await Promise.all([
      input.client.deployments.status.query({ flow }),
      input.client.health.workers.query(),
    ]);
    const living = workers.filter((worker) => worker.alive);
    // A worker of another label has no part in it.
    const own = living.filter((worker) => worker.label === (view?.label ?? null));
    if (view && view.revision > revision) {
      throw new CommandFailure(`${flow} was deployed again or stopped meanwhile.`, { code: "deployment-superseded" });
    }
    const reports = own.map((worker) => view?.workers.find((report) => report.worker === worker.id));
    const state = view?.state ?? "unknown";
    const carriedOut = reports.filter((report) => report !== undefined && report.revision >= revision);
    if (
      own.length > 0 &&
      carriedOut.length === own.length &&
      carriedOut.every((report) => report?.state === "running")
    ) {
      return { state, workers: own.length };
    }
    const failed = carriedOut.find((report) => report?.state === "failed" || report?.state === "halted");
    if (failed || input.now() >= deadline) {
      return {
        state,
        workers: own.length,
        reason: explainWait(view, living, own.length, carriedOut.length, waitSeconds),
      };
    }
    await input.sleep(pollMs);
  }
}

function explainWait(
  view: LiveView | undefined,
  living: readonly WorkerView[],
  own: number,
  carriedOut: number,
  seconds: number,
): string {
  const missing = explainNoWorker(
    view?.label ?? null,
    living.map((worker) => worker.label),
  );
  if (missing)
    return writeCause({ ...missing, message: missing.message.replace(/^./, (first) => first.toLowerCase()) });
  const causes = Object.entries(view?.nodes ?? {}).flatMap(([node, live]) =>
    live.cause && live.state !== "running" ? [`${node}: ${writeCause(live.cause)}`] : [],
  );
  const whole = view?.cause && writeCause(view.cause);
  // A node may have said it already.
  if (whole && !causes.some((cause) => cause.endsWith(whole))) causes.unshift(whole);
  const state = view ? `${view.state} after ${seconds} s` : `nothing was heard of it for ${seconds} s`;
  const behind =
    carriedOut < own ? `; ${own - carriedOut} of ${formatNumberOf(own, "worker")} did not carry it out yet` : "";
  return `${state}${behind}.${causes.map((cause) => `\n${cause}`).join("")}`;
}

function writeCause({ message, code }: { message: string; code: string }): string {
  return `${message} (${code})`;
}
