import type { SagaAction, SagaGroup, SagaStatus, SagaSummary } from "../../server/saga-views";
import type { Command, CommandInput, CommandResult } from "../command";
import { CommandFailure, refuseUsage } from "../failure";
import { numberOption, textOption } from "../options";
import { writeSaga } from "../saga-text";
import { formatAgo, formatDuration, formatNumberOf, writeTable } from "../table";

const statuses = ["running", "waiting", "asking", "stuck", "compensating", "completed", "compensated"] as const;
const actions = ["retry", "skip", "complete", "approve", "reject", "cancel"] as const satisfies readonly SagaAction[];

export const sagas: Command = {
  usage: "sagas NAME [--status S …] [--key K] [--step N] [--limit N]",
  summary: "List a flow's sagas, the newest first, and where they stand",
  needs: 1,
  options: {
    status: { type: "string", multiple: true },
    key: { type: "string" },
    step: { type: "string" },
    limit: { type: "string" },
  },
  async run(input) {
    const flow = input.args[0]!;
    const key = textOption(input, "key");
    const step = textOption(input, "step");
    const status = readStatuses(input);
    const limit = numberOption(input, "limit", { min: 1, max: 200 }) ?? 20;
    const [found, { groups, unseen: uncounted }] = await Promise.all([
      input.client.sagas.list.query({
        flow,
        limit,
        ...(status === undefined ? {} : { status }),
        ...(key === undefined ? {} : { key }),
        ...(step === undefined ? {} : { step }),
      }),
      input.client.sagas.counts.query({ flow }),
    ]);
    const data = { ...found, counts: groups };
    const failure = found.unseen ?? uncounted;
    const unseen = failure === null ? {} : { failure };
    const all = groups.length === 0 ? "" : `${flow} has ${writeCounts(groups)}.`;
    if (found.sagas.length > 0) {
      return { data, text: [writeSagas(found.sagas, input.now()), all].filter(Boolean).join("\n\n"), ...unseen };
    }
    const none = all === "" ? `${flow} has no saga.` : `No saga fits. ${all}`;
    return { data, text: failure === null ? none : "", ...unseen };
  },
};

export const saga: Command = {
  usage:
    "saga RUN | saga retry|skip|complete|approve|reject|cancel RUN [STEP] [--id RUN …] [--reason R] [--result JSON]",
  summary: "Show one saga with its steps, attempts and compensations; or act on it",
  needs: 1,
  takes: 3,
  options: { reason: { type: "string" }, result: { type: "string" }, id: { type: "string", multiple: true } },
  async run(input) {
    const [first, run, step] = input.args as [string, string?, string?];
    const action = actions.find((each) => each === first);
    if (action) return act(input, action, run, step);
    if (run !== undefined) throw refuseUsage(`“${first}” is none of ${actions.join(", ")}.`, saga.usage);
    const view = await input.client.sagas.get.query({ id: first });
    return { data: view, text: writeSaga(view, input.now()) };
  },
};

async function act(
  input: CommandInput,
  action: SagaAction,
  run: string | undefined,
  node: string | undefined,
): Promise<CommandResult> {
  const more = Array.isArray(input.options.id) ? input.options.id : [];
  const ids = run === undefined ? more : [run, ...more];
  if (ids.length === 0) throw refuseUsage("Say which saga.", saga.usage);
  const reason = textOption(input, "reason");
  if ((action === "skip" || action === "cancel") && !reason?.trim()) {
    throw refuseUsage(`To ${action} takes a --reason: who looks at the saga later is to know.`, saga.usage);
  }
  const result = textOption(input, "result");
  if (result !== undefined && action !== "complete") {
    throw refuseUsage(`--result goes with complete, not with ${action}.`, saga.usage);
  }
  const acted = await input.client.sagas.act.mutate({
    ids,
    action,
    ...(node === undefined ? {} : { node }),
    ...(reason === undefined ? {} : { reason }),
    ...(result === undefined ? {} : { result }),
  });
  const lines = acted.map((each) =>
    each.ok
      ? `${each.id}: ${done[action]}${each.nodes.length === 0 ? "" : ` at ${each.nodes.join(", ")}`}; it is ${each.status}.`
      : `${each.id}: ${each.message} (${each.code})`,
  );
  const refused = acted.filter((each) => !each.ok).length;
  if (refused === 0) return { data: acted, text: lines.join("\n") };
  // Of several the rest was done: all lines belong to the answer then.
  if (acted.length === 1) return { data: acted, text: "", failure: lines[0]! };
  return { data: acted, text: lines.join("\n"), failure: `${refused} of ${acted.length} refused.` };
}

const done: Readonly<Record<SagaAction, string>> = {
  retry: "tried again",
  skip: "skipped",
  complete: "completed",
  approve: "approved",
  reject: "rejected",
  cancel: "cancelled",
};

/** The sagas of a flow in one line, for `runs`; empty where it has none. */
export async function mentionSagas(input: CommandInput, flow: string): Promise<{ counts: SagaGroup[]; text: string }> {
  const { groups: counts } = await input.client.sagas.counts.query({ flow });
  const text = counts.length === 0 ? "" : `\n\n${flow} has ${writeCounts(counts)}. \`sagas ${flow}\` lists them.`;
  return { counts, text };
}

/** A saga of that id as `run` shows it; null where there is none. */
export async function findSaga(input: CommandInput, id: string): Promise<CommandResult | null> {
  try {
    const view = await input.client.sagas.get.query({ id });
    return { data: view, text: writeSaga(view, input.now()) };
  } catch (error) {
    if (readCode(error) === "saga-missing") return null;
    throw error;
  }
}

/** The code of a refusal of the server. */
export function readCode(error: unknown): string | undefined {
  if (error instanceof CommandFailure) return error.options.code;
  return (error as { data?: { problem?: { code?: string } } | null } | null)?.data?.problem?.code;
}

function readStatuses(input: CommandInput): SagaStatus[] | undefined {
  const given = input.options.status;
  if (!Array.isArray(given)) return undefined;
  return given.map((text) => {
    const status = statuses.find((each) => each === text);
    if (!status) throw refuseUsage(`--status takes one of ${statuses.join(", ")}, not “${text}”.`, sagas.usage);
    return status;
  });
}

/** `12 sagas: 8 waiting, 4 completed`. */
function writeCounts(groups: readonly SagaGroup[]): string {
  const of = (status: SagaStatus) =>
    groups.filter((group) => group.status === status).reduce((sum, { count }) => sum + count, 0);
  const all = groups.reduce((sum, { count }) => sum + count, 0);
  const parts = statuses.flatMap((status) => (of(status) === 0 ? [] : [`${of(status)} ${status}`]));
  return `${formatNumberOf(all, "saga")}: ${parts.join(", ")}`;
}

function writeSagas(found: readonly SagaSummary[], now: number): string {
  return writeTable(found, [
    { title: "id", value: (each) => each.id },
    { title: "status", value: (each) => each.status },
    { title: "key", value: (each) => each.key },
    { title: "stands at", value: (each) => each.steps.join(", ") },
    { title: "version", value: (each) => each.version, right: true },
    { title: "began", value: (each) => formatAgo(each.startedAt, now) },
    {
      title: "took",
      value: (each) => (each.endedAt ? formatDuration(each.endedAt.getTime() - each.startedAt.getTime()) : ""),
      right: true,
    },
    { title: "error", value: (each) => (each.error ? `${each.error.node}: ${each.error.message}` : "") },
  ]);
}
