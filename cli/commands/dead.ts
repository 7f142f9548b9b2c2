import type { ExportedPage, ForwardCount } from "../../server/views";
import type { Command, CommandInput, CommandResult } from "../command";
import { refuseUsage } from "../failure";
import { numberOption, textOption } from "../options";
import { formatAgo, formatNumberOf, writeTable } from "../table";

const states = ["open", "waiting", "queued", "sending", "sent", "discarded"] as const;

export const dead: Command = {
  usage: `dead NAME [--state ${states.join("|")}] [--limit N] [--export FILE]`,
  summary: "List a flow's dead letters, or write them to a file",
  needs: 1,
  options: { state: { type: "string" }, limit: { type: "string" }, export: { type: "string" } },
  async run(input) {
    const flow = input.args[0]!;
    const wanted = textOption(input, "state") ?? "waiting";
    const state = states.find((each) => each === wanted);
    if (!state) throw refuseUsage(`--state takes one of ${states.join(", ")}, not “${wanted}”.`, dead.usage);
    const file = textOption(input, "export");
    if (file !== undefined) return exportLetters(input, flow, state, file);
    const limit = numberOption(input, "limit", { min: 1, max: 200 }) ?? 50;
    const [found, groups, forwards] = await Promise.all([
      input.client.deadLetters.list.query({ flow, state, limit }),
      input.client.deadLetters.groups.query({ flow }),
      input.client.deadLetters.forwards.query({ flow }),
    ]);
    const data = { ...found, groups, forwards };
    const waits = forwards.map((each) => `\n\n${sayForward(each)}`).join("");
    if (found.items.length === 0) return { data, text: `${flow} has no ${state} dead letters.${waits}` };
    const text = writeTable(found.items, [
      { title: "id", value: (letter) => letter.id },
      { title: "version", value: (letter) => letter.version, right: true },
      { title: "node", value: (letter) => letter.node },
      { title: "cause", value: (letter) => letter.causeCode },
      { title: "key", value: (letter) => letter.key },
      { title: "position", value: (letter) => `${letter.lane} @ ${letter.position}` },
      { title: "attempts", value: (letter) => letter.attempts, right: true },
      { title: "since", value: (letter) => formatAgo(letter.createdAt, input.now()) },
      { title: "words", value: (letter) => letter.causeMessage },
    ]);
    const more = found.total > found.items.length ? `\n\n${formatNumberOf(found.total, "dead letter")} in all.` : "";
    return { data, text: text + more + waits };
  },
};

/** Writes whole dead letters, one JSON object a line. A page is written before the next is asked for. */
async function exportLetters(
  input: CommandInput,
  flow: string,
  state: (typeof states)[number],
  file: string,
): Promise<CommandResult> {
  await input.writeFile(file, "");
  let count = 0;
  let next: ExportedPage["next"] | undefined;
  do {
    const page: ExportedPage = await input.client.deadLetters.export.query({ flow, state, ...next });
    await input.writeFile(file, page.letters.map((letter) => `${JSON.stringify(letter)}\n`).join(""), true);
    count += page.letters.length;
    next = page.next;
  } while (next);
  return { data: { file, count }, text: `${formatNumberOf(count, "dead letter")} written to ${file}.` };
}

export const deadDiscard: Command = {
  usage: "dead-discard NAME --reason WORDS (--all | [--cause C] [--where CEL] [--id ID …])",
  summary: "Take waiting dead letters out of what waits, with a reason",
  needs: 1,
  options: {
    reason: { type: "string" },
    all: { type: "boolean" },
    cause: { type: "string" },
    where: { type: "string" },
    id: { type: "string", multiple: true },
  },
  async run(input) {
    const flow = input.args[0]!;
    const reason = textOption(input, "reason")?.trim();
    if (!reason) throw refuseUsage("Say why with --reason: it stays with them.", deadDiscard.usage);
    const cause = textOption(input, "cause");
    const where = textOption(input, "where");
    const ids = Array.isArray(input.options.id) ? (input.options.id as string[]) : undefined;
    const chosen = { ...(cause ? { cause } : {}), ...(where ? { where } : {}), ...(ids ? { ids } : {}) };
    if (Object.keys(chosen).length === 0 && input.options.all !== true)
      throw refuseUsage("Say which: --cause, --where, --id, or --all.", deadDiscard.usage);
    const data = await input.client.deadLetters.discard.mutate({ flow, reason, ...chosen });
    const skipped = data.skipped > 0 ? ` The condition failed on ${data.skipped}: they wait on.` : "";
    return { data, text: `${formatNumberOf(data.discarded, "dead letter")} discarded.${skipped}` };
  },
};

export const deadTakeBack: Command = {
  usage: "dead-take-back NAME (--all | [--cause C] [--id ID …])",
  summary: "Let discarded dead letters wait again",
  needs: 1,
  options: { all: { type: "boolean" }, cause: { type: "string" }, id: { type: "string", multiple: true } },
  async run(input) {
    const flow = input.args[0]!;
    const cause = textOption(input, "cause");
    const ids = Array.isArray(input.options.id) ? (input.options.id as string[]) : undefined;
    if (!cause && !ids && input.options.all !== true)
      throw refuseUsage("Say which: --cause, --id, or --all.", deadTakeBack.usage);
    const chosen = { ...(cause ? { cause } : {}), ...(ids ? { ids } : {}) };
    const data = await input.client.deadLetters.takeBack.mutate({ flow, ...chosen });
    return { data, text: `${formatNumberOf(data.waiting, "dead letter")} taken back.` };
  },
};

function sayForward({ to, connection, due, refused, cause }: ForwardCount): string {
  const parts = [
    due > 0 ? `${formatNumberOf(due, "dead letter")} still to be written to ${to} of ${connection}` : "",
    refused > 0 ? `${formatNumberOf(refused, "dead letter")} that ${to} of ${connection} does not take` : "",
  ];
  return `${parts.filter(Boolean).join("; ")}${cause === null ? "." : `: ${cause}`}`;
}
