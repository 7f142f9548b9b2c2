import type { Payload } from "../../flow/control";
import { durationPattern, parseDuration } from "../../flow/duration";
import { describeRunSearch, readRunSearch } from "../../flow/run-search";
import type { RunSummary, RunView } from "../../server/views";
import type { Command } from "../command";
import { refuseUsage } from "../failure";
import { numberOption, textOption } from "../options";
import { cleanText, formatAgo, formatDuration, formatNumberOf, writeTable } from "../table";
import { findSaga, mentionSagas, readCode } from "./sagas";

export const runs: Command = {
  usage: "runs NAME [--failed] [--key K] [--find TEXT] [--since AGE] [--longer MS] [--attempts N] [--limit N]",
  summary: "List the newest runs of a flow",
  needs: 1,
  options: {
    failed: { type: "boolean" },
    key: { type: "string" },
    find: { type: "string" },
    since: { type: "string" },
    longer: { type: "string" },
    attempts: { type: "string" },
    limit: { type: "string" },
  },
  async run(input) {
    const flow = input.args[0]!;
    const key = textOption(input, "key");
    const limit = numberOption(input, "limit", { min: 1, max: 200 }) ?? 20;
    const text = textOption(input, "find");
    const age = textOption(input, "since");
    if (age !== undefined && !durationPattern.test(age))
      throw refuseUsage(`--since takes a length of time such as 15m, 2h, 7d, not “${age}”.`, runs.usage);
    const longerMs = numberOption(input, "longer", { min: 1, max: 86_400_000 });
    const attempts = numberOption(input, "attempts", { min: 1, max: 1_000 });
    const found = await input.client.runs.list.query({
      flow,
      limit,
      ...(text === undefined ? {} : { text }),
      ...(age === undefined ? {} : { since: new Date(input.now() - parseDuration(age)) }),
      ...(longerMs === undefined ? {} : { longerMs }),
      ...(attempts === undefined ? {} : { attempts }),
      ...(key === undefined ? {} : { key }),
      ...(input.options.failed === true ? { state: ["failed" as const, "dead" as const] } : {}),
    });
    const { counts, text: sagas } = await mentionSagas(input, flow);
    const data = { ...found, sagas: counts };
    if (found.runs.length === 0)
      return {
        data,
        text: `No run fits. A run is kept when its flow's trace setting picks it, or when it failed.${sagas}`,
      };
    return { data, text: writeRuns(found.runs, input.now()) + sagas };
  },
};

export const find: Command = {
  usage: "find TEXT [--limit N]",
  summary: "Find a message in all flows: by key, order number, trace, place on a broker, words of an error",
  needs: 1,
  options: { limit: { type: "string" } },
  async run(input) {
    const text = input.args[0]!.trim();
    const limit = numberOption(input, "limit", { min: 1, max: 200 }) ?? 20;
    const [found, elsewhere] = await Promise.all([
      input.client.runs.list.query({ text, limit }),
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
    const list = found.runs.length === 0 ? "No run fits." : writeRuns(found.runs, input.now(), true);
    return { data, text: [words ? `${words}.` : "", list, places.join("\n")].filter(Boolean).join("\n\n") };
  },
};

function writeRuns(found: readonly RunSummary[], now: number, ofAll = false): string {
  return writeTable(found, [
    { title: "id", value: (run) => run.id },
    ...(ofAll ? [{ title: "flow", value: (run: RunSummary) => run.flow }] : []),
    { title: "state", value: (run) => run.state },
    { title: "key", value: (run) => run.key },
    { title: "version", value: (run) => run.version, right: true },
    { title: "position", value: (run) => `${run.lane}:${run.position}` },
    { title: "started", value: (run) => formatAgo(run.startedAt, now) },
    { title: "took", value: (run) => formatDuration(run.durationMs), right: true },
    { title: "attempts", value: (run) => run.attempts, right: true },
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
    `${view.id}  ${view.state}`,
    `${view.flow} v${view.version}, ${view.source} ${view.lane}:${view.position}${view.key === null ? "" : `, key ${cleanText(view.key)}`}`,
    `${view.startedAt.toISOString()}, ${formatDuration(view.durationMs)}, trace ${view.traceId}`,
  ];
  const body = steps.map((step) => {
    const lines = [
      `${step.node}  ${step.state}  ${formatDuration(step.durationMs)}${step.attempt > 1 ? `, attempt ${step.attempt}` : ""}`,
    ];
    if (step.in !== null) lines.push(writePayload("in", payloads[step.in]));
    for (const out of step.out) lines.push(writePayload(out.port, payloads[out.payload]));
    if (step.cause) lines.push(`  ${cleanText(step.cause.message)} (${step.cause.code})`);
    if (step.cause?.detail) lines.push(indent(cleanText(step.cause.detail)));
    for (const [name, value] of Object.entries(step.note ?? {})) lines.push(`  ${name}: ${value}`);
    return lines.join("\n");
  });
  const related = view.related.map(
    (other) => `trace goes through ${other.flow} v${other.version}: ${other.state}, run ${other.id}`,
  );
  const dead = view.deadLetterIds.map((id) => `dead letter ${id}`);
  return [head.join("\n"), ...body, [...related, ...dead].join("\n")].filter(Boolean).join("\n\n");
}

function writePayload(port: string, payload: Payload | undefined): string {
  if (!payload) return `  ${port}  (not kept)`;
  const value = payload.value === null ? "(tombstone)" : cleanText(payload.value);
  const marks = [payload.encoding === "base64" ? "base64" : "", payload.truncated ? "cut" : ""]
    .filter(Boolean)
    .join(", ");
  const key = payload.key === null ? "" : `  key ${cleanText(payload.key)}`;
  const headers = payload.headers.map(([name, text]) => `\n      ${cleanText(name)}: ${cleanText(text)}`).join("");
  return `  ${port}${key}${marks === "" ? "" : `  (${marks})`}  ${value}${headers}`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
