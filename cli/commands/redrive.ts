import type { LetterMapping } from "../../flow/printed-mapping";
import type { RedrivePreview, RedriveView } from "../../server/views";
import type { Command, CommandInput, CommandResult } from "../command";
import { refuseUsage } from "../failure";
import { numberOption, textOption } from "../options";
import { formatAgo, formatNumberOf, writeTable } from "../table";

export const redrive: Command = {
  usage:
    "redrive NAME [--cause C] [--where CEL] [--id ID …] [--to node|source] [--edit CEL | --set FIELD=CEL …] [--rate N] [--pause-after N] [--dry-run] [--wait SECONDS]",
  summary: "Send a flow's waiting dead letters again",
  needs: 1,
  options: {
    cause: { type: "string" },
    where: { type: "string" },
    edit: { type: "string" },
    set: { type: "string", multiple: true },
    to: { type: "string" },
    id: { type: "string", multiple: true },
    rate: { type: "string" },
    "pause-after": { type: "string" },
    "dry-run": { type: "boolean" },
    wait: { type: "string" },
  },
  async run(input) {
    const waitSeconds = numberOption(input, "wait", { min: 1, max: 86_400 });
    const request = readRequest(input);
    const { deadLetters } = input.client;
    if (input.options["dry-run"] === true) return showPreview(await deadLetters.preview.query(request));
    const result = await deadLetters.redrive.mutate(request);
    if (result.queued === 0 && result.redrives.every(({ state }) => state !== "planned"))
      return { data: result, text: `No waiting dead letter fits, so none was sent.${saySkipped(result.redrives[0])}` };
    if (waitSeconds !== undefined) return waitForEnd(input, result.redrives, waitSeconds);
    const where = request.target === "node" ? "the node where it failed" : "the source";
    const text = `${formatNumberOf(result.queued, "dead letter")} will be sent to ${where}.${saySkipped(result.redrives[0])}`;
    return { data: result, text };
  },
};

export const redrives: Command = {
  usage: "redrives NAME [--limit N]",
  summary: "List what was sent again, and how far it came",
  needs: 1,
  options: { limit: { type: "string" } },
  async run(input) {
    const flow = input.args[0]!;
    const limit = numberOption(input, "limit", { min: 1, max: 200 }) ?? 20;
    const found = await input.client.redrives.list.query({ flow, limit });
    if (found.length === 0) return { data: found, text: `Nothing of ${flow} was sent again.` };
    return { data: found, text: showRedrives(found, input.now()) };
  },
};

const steps = ["pause", "resume", "stop"] as const;

function steer(step: (typeof steps)[number], summary: string): Command {
  return {
    usage: `redrive-${step} ID`,
    summary,
    needs: 1,
    async run(input) {
      const found = await input.client.redrives[step].mutate({ id: input.args[0]! });
      return { data: found, text: showRedrives([found], input.now()) };
    },
  };
}
export const redrivePause = steer("pause", "Send nothing more of a redrive for now");
export const redriveResume = steer("resume", "Go on with a paused redrive");
export const redriveStop = steer("stop", "End a redrive; what was not sent waits again");

function readRequest(input: CommandInput) {
  const target = textOption(input, "to") ?? "node";
  if (target !== "node" && target !== "source")
    throw refuseUsage(`--to takes node or source, not “${target}”.`, redrive.usage);
  const cause = textOption(input, "cause");
  const where = textOption(input, "where");
  const edit = readEdit(input);
  const rate = numberOption(input, "rate", { min: 1, max: 100_000 });
  const pauseAfter = numberOption(input, "pause-after", { min: 1, max: 100_000 });
  const ids = Array.isArray(input.options.id) ? (input.options.id as string[]) : undefined;
  return {
    flow: input.args[0]!,
    target: target as "node" | "source",
    ...(ids ? { ids } : {}),
    ...(cause === undefined ? {} : { cause }),
    ...(where === undefined ? {} : { where }),
    ...(edit ? { edit } : {}),
    ...(rate === undefined ? {} : { rate }),
    ...(pauseAfter === undefined ? {} : { pauseAfter }),
  };
}

function readEdit(input: CommandInput): LetterMapping | undefined {
  const cel = textOption(input, "edit");
  const pairs = Array.isArray(input.options.set) ? (input.options.set as string[]) : [];
  if (cel !== undefined && pairs.length > 0)
    throw refuseUsage("--edit makes a whole new body, --set keeps it: give one of them.", redrive.usage);
  if (pairs.length === 0) return cel === undefined ? undefined : { cel };
  const set = pairs.map((pair): [string, string] => {
    const at = pair.indexOf("=");
    const [field, source] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at < 1 || source === "") throw refuseUsage(`--set takes FIELD=CEL, not “${pair}”.`, redrive.usage);
    return [field, source];
  });
  return { set: Object.fromEntries(set) };
}

function saySkipped(found: Pick<RedriveView, "skipped" | "skippedWords"> | undefined): string {
  if (!found || found.skipped === 0) return "";
  return ` ${formatNumberOf(found.skipped, "dead letter")} not chosen, as the condition fails: ${found.skippedWords}`;
}

function showPreview(preview: RedrivePreview): CommandResult {
  const { matched, looked, complete, sample, editFails, editWords, repeat } = preview;
  const fits = `${formatNumberOf(matched, "dead letter")} ${editFails > 0 ? "fit" : "would be sent"}${complete ? "" : `, of the first ${looked} that were looked at`}`;
  const lines = [`${fits}. Nothing was sent.${saySkipped(preview)}`, ...repeat];
  if (sample.length > 0) {
    const table = writeTable(sample, [
      { title: "id", value: (letter) => letter.id },
      { title: "node", value: (letter) => letter.node },
      { title: "key", value: (letter) => letter.key },
      { title: "value", value: (letter) => cut(letter.before) },
      { title: "becomes", value: (letter) => letter.error ?? (letter.after === null ? null : cut(letter.after)) },
    ]);
    lines.push("", table);
  }
  if (editFails === 0) return { data: preview, text: lines.join("\n") };
  const failure = `The edit fails on ${formatNumberOf(editFails, "dead letter")}, so none would be sent: ${editWords}`;
  return { data: preview, text: lines.join("\n"), failure };
}

const maxCell = 80;
const cut = (text: string) => (text.length > maxCell ? `${text.slice(0, maxCell - 1)}…` : text);

function showRedrives(found: readonly RedriveView[], now: number): string {
  return writeTable(found, [
    { title: "id", value: (each) => each.id },
    { title: "state", value: (each) => each.state },
    { title: "to", value: (each) => each.target },
    { title: "asked", value: (each) => each.asked, right: true },
    { title: "sent", value: (each) => each.sent, right: true },
    { title: "failed again", value: (each) => each.failedAgain, right: true },
    { title: "changed", value: (each) => each.changed, right: true },
    { title: "left", value: (each) => each.left, right: true },
    { title: "not sent", value: (each) => each.givenBack, right: true },
    { title: "per second", value: (each) => each.rate, right: true },
    { title: "by", value: (each) => each.by },
    { title: "begun", value: (each) => formatAgo(each.createdAt, now) },
    { title: "words", value: (each) => each.reason ?? each.skippedWords },
  ]);
}

/** Tells how redrives go until all have ended. */
export async function waitForEnd(
  input: CommandInput,
  asked: readonly Pick<RedriveView, "id">[],
  seconds: number,
): Promise<CommandResult> {
  const until = input.now() + seconds * 1_000;
  for (let told = ""; ; ) {
    const found = await Promise.all(asked.map(({ id }) => input.client.redrives.get.query({ id })));
    const open = found.filter(({ state }) => state !== "done" && state !== "stopped");
    const paused = open.find(({ state, reason }) => state === "paused" && reason !== null);
    const result = { data: { redrives: found }, text: showRedrives(found, input.now()) };
    const failedAgain = found.reduce((sum, each) => sum + each.failedAgain + each.refused, 0);
    if (open.length === 0) {
      const stopped = found.some(({ state }) => state === "stopped");
      if (stopped) return { ...result, failure: "It was stopped." };
      return failedAgain === 0
        ? result
        : { ...result, failure: `${formatNumberOf(failedAgain, "dead letter")} failed again or could not be sent.` };
    }
    if (paused) return { ...result, failure: `Paused: ${paused.reason} flow redrive-resume ${paused.id}` };
    if (input.now() >= until) return { ...result, failure: `It is not done after ${seconds} s; it goes on.` };
    const words = found.map(({ sent, asked: all }) => `${sent} of ${all} sent`).join(", ");
    if (words !== told) input.say(words);
    told = words;
    await input.sleep(1_000);
  }
}
