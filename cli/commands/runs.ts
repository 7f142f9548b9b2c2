import type { Payload } from "../../flow/control";
import {
  countMatches,
  describeCount,
  describeMatch,
  describeRunSearch,
  matchesOf,
  readRunSearch,
} from "../../flow/run-search";
import type { RunSummary, RunView } from "../../server/views";
import type { Command } from "../command";
import { refuseUsage } from "../failure";
import { textOption } from "../options";
import { filterOptions, filterUsage, readRunFilter } from "../run-filter";
import { cleanText, formatAgo, formatDuration, formatNumberOf, writeTable } from "../table";
import { findSaga, mentionSagas, readCode } from "./sagas";

export const runs: Command = {
  usage: `runs [NAME | --flow NAME] [--key K] [--find TEXT] ${filterUsage}`,
  summary: "List the newest runs of a flow, or of all",
  needs: 0,
  takes: 1,
  options: { ...filterOptions, key: { type: "string" }, find: { type: "string" } },
  async run(input) {
    const [named] = input.args;
    const { flow = named, ...filter } = readRunFilter(input, runs.usage);
    if (named !== undefined && flow !== named)
      throw refuseUsage(`“${named}” and --flow ${flow} are two flows: name one.`, runs.usage);
    const key = textOption(input, "key");
    const text = textOption(input, "find");
    const found = await input.client.runs.list.query({
      ...filter,
      ...(flow === undefined ? {} : { flow }),
      ...(text === undefined ? {} : { text }),
      ...(key === undefined ? {} : { key }),
    });
    const { counts, text: sagas } =
      flow === undefined ? { counts: undefined, text: "" } : await mentionSagas(input, flow);
    const data = counts === undefined ? found : { ...found, sagas: counts };
    if (found.runs.length === 0)
      return {
        data,
        text: `No run fits. A run is kept when its flow's trace setting picks it, or when it failed.${sagas}`,
      };
    return { data, text: writeRuns(found.runs, input.now(), flow === undefined) + mentionMore(found) + sagas };
  },
};

export const find: Command = {
  usage: `find TEXT [--flow NAME] ${filterUsage}`,
  summary: "Find a message in all flows: by key, order number, trace, place on a broker, words of an error",
  needs: 1,
  options: filterOptions,
  async run(input) {
    const text = input.args[0]!.trim();
    const filter = readRunFilter(input, find.usage);
    const [found, elsewhere] = await Promise.all([
      input.client.runs.list.query({ ...filter, text }),
      input.client.runs.elsewhere.query({ text }),
    ]);
    const data = { ...found, elsewhere };
    const { sagas, deadLetters, deadLetter, parked } = elsewhere;
    const places = [
      sagas > 0 ? `${formatNumberOf(sagas, "saga")} with this key: flow sagas NAME --key ${text}` : "",
      deadLetters > 0 ? `${formatNumberOf(deadLetters, "dead letter")} with this key, the newest ${deadLetter}` : "",
      parked > 0 ? `${formatNumberOf(parked, "message")} with this key waiting for a later try` : "",
    ].filter(Boolean);
    const words = describeRunSearch(readRunSearch(text));
    const by = countMatches(found.runs, found);
    const list =
      found.runs.length === 0
        ? "No run fits. Looked in keys, named values, traces, places, ids and the words of errors, of the runs that are kept."
        : writeRuns(found.runs, input.now(), true, by.length > 1) + mentionMore(found);
    const isNowhere = found.runs.length === 0 && sagas + deadLetters + parked === 0;
    return {
      data,
      // As `grep` does.
      exitCode: isNowhere ? 1 : 0,
      text: [words ? `${words}.` : "", list, by.map(describeCount).join(" · "), places.join("\n")]
        .filter(Boolean)
        .join("\n\n"),
    };
  },
};

const mentionMore = ({ more }: { more: boolean }) =>
  more ? "\n\nThere are more: --limit takes up to 200 of them." : "";

/** `dead, sent again`: a failed run that asks nobody to act any more. */
function writeState({ state, settled }: RunSummary): string {
  if (!settled) return state;
  return `${state}, ${settled === "sent" ? "sent again" : "discarded"}`;
}

function writeRuns(found: readonly RunSummary[], now: number, ofAll = false, told = false): string {
  return writeTable(found, [
    { title: "id", value: (run) => run.id },
    ...(ofAll ? [{ title: "flow", value: (run: RunSummary) => run.flow }] : []),
    { title: "state", value: (run) => writeState(run) },
    { title: "key", value: (run) => run.key },
    { title: "version", value: (run) => run.version, right: true },
    { title: "position", value: (run) => `${run.lane} @ ${run.position}` },
    { title: "started", value: (run) => formatAgo(run.startedAt, now) },
    { title: "took", value: (run) => formatDuration(run.durationMs), right: true },
    { title: "attempts", value: (run) => run.attempts, right: true },
    ...(told ? [{ title: "found by", value: (run: RunSummary) => matchesOf(run).map(describeMatch).join(", ") }] : []),
    { title: "error", value: (run) => (run.error === null ? "" : `${run.errorNode ?? ""}: ${run.error}`) },
  ]);
}

export const run: Command = {
  usage: "run ID",
  summary: "Show one run: its steps with their payloads; or one saga",
  needs: 1,
  async run(input) {
    const id = input.args[0]!;
    try {
      const view = await input.client.runs.get.query({ id });
      return { data: view, text: writeRun(view) };
    } catch (error) {
      if (readCode(error) !== "run-missing") throw error;
      const found = await findSaga(input, id);
      if (!found) throw error;
      return found;
    }
  },
};

function writeRun(view: RunView): string {
  const { steps, payloads } = view.detail;
  const head = [
    `${view.id}  ${writeState(view)}`,
    `${view.flow} v${view.version}, ${view.source} ${view.lane} @ ${view.position}${view.key === null ? "" : `, key ${cleanText(view.key)}`}`,
    `${view.startedAt.toISOString()}, ${formatDuration(view.durationMs)}, trace ${view.traceId}`,
  ];
  const body = steps.map((step, number) => {
    const lines = [
      `${number}  ${step.node}  ${step.state}  ${formatDuration(step.durationMs)}${step.attempt > 1 ? `, attempt ${step.attempt}` : ""}`,
    ];
    if (step.in !== null || step.unkept) lines.push(writePayload("in", payloads[step.in ?? -1]));
    for (const out of step.out) lines.push(writePayload(out.port, payloads[out.payload ?? -1]));
    for (const [port, count] of Object.entries(step.moreOut ?? {})) lines.push(`  ${port}  and ${count} more`);
    if (step.cause) lines.push(`  ${cleanText(step.cause.message)} (${step.cause.code})`);
    if (step.cause?.detail) lines.push(indent(cleanText(step.cause.detail)));
    for (const { node, code, message, times } of step.causes ?? [])
      lines.push(`  before that, ${node}: ${cleanText(message)} (${code})${times > 1 ? `, ${times} times` : ""}`);
    for (const [name, value] of Object.entries(step.note ?? {})) lines.push(`  ${name}: ${value}`);
    return lines.join("\n");
  });
  if (view.detail.moreSteps) body.push(`${formatNumberOf(view.detail.moreSteps, "more step")} ran and are not kept`);
  const related = view.related.map(
    (other) => `trace goes through ${other.flow} v${other.version}: ${other.state}, run ${other.id}`,
  );
  const dead = view.deadLetters.map(({ id, state }) => `dead letter ${id}, ${state}`);
  return [head.join("\n"), ...body, [...related, ...dead].join("\n")].filter(Boolean).join("\n\n");
}

function writePayload(port: string, payload: Payload | undefined): string {
  if (!payload) return `  ${port}  (not kept)`;
  const value = payload.value === null ? "(tombstone)" : cleanText(payload.value);
  const marks = [payload.encoding === "base64" ? "base64" : "", writeCut(payload)].filter(Boolean).join(", ");
  const key = payload.key === null ? "" : `  key ${cleanText(payload.key)}`;
  const headers = payload.headers.map(([name, text]) => `\n      ${cleanText(name)}: ${cleanText(text)}`).join("");
  const more = payload.moreHeaders ? `\n      and ${formatNumberOf(payload.moreHeaders, "more header")}` : "";
  return `  ${port}${key}${marks === "" ? "" : `  (${marks})`}  ${value}${headers}${more}`;
}

function writeCut({ truncated, bytes }: Payload): string {
  if (!truncated) return "";
  return bytes === undefined ? "cut" : `cut, ${formatNumberOf(bytes, "byte")} in all`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
