import type { Payload } from "../../flow/control";
import type { RunView } from "../../server/views";
import type { Command } from "../command";
import { numberOption, textOption } from "../options";
import { cleanText, formatAgo, formatDuration, writeTable } from "../table";
import { findSaga, mentionSagas, readCode } from "./sagas";

export const runs: Command = {
  usage: "runs NAME [--failed] [--key K] [--limit N]",
  summary: "List the newest runs of a flow",
  needs: 1,
  options: { failed: { type: "boolean" }, key: { type: "string" }, limit: { type: "string" } },
  async run(input) {
    const flow = input.args[0]!;
    const key = textOption(input, "key");
    const limit = numberOption(input, "limit", { min: 1, max: 200 }) ?? 20;
    const found = await input.client.runs.list.query({
      flow,
      limit,
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
    const text = writeTable(found.runs, [
      { title: "id", value: (run) => run.id },
      { title: "state", value: (run) => run.state },
      { title: "key", value: (run) => run.key },
      { title: "version", value: (run) => run.version, right: true },
      { title: "position", value: (run) => `${run.lane}:${run.position}` },
      { title: "started", value: (run) => formatAgo(run.startedAt, input.now()) },
      { title: "took", value: (run) => formatDuration(run.durationMs), right: true },
      { title: "attempts", value: (run) => run.attempts, right: true },
      { title: "error", value: (run) => (run.error === null ? "" : `${run.errorNode ?? ""}: ${run.error}`) },
    ]);
    return { data, text: text + sagas };
  },
};

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
