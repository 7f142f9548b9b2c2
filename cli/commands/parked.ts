import type { ParkedSummary } from "../../server/views";
import type { Command, CommandInput } from "../command";
import { numberOption, textOption } from "../options";
import { formatAgo, formatDuration, formatNumberOf, writeTable } from "../table";

export const parked: Command = {
  usage: "parked NAME [--node NODE] [--limit N]",
  summary: "List a flow's messages that wait for a later try",
  needs: 1,
  options: { node: { type: "string" }, limit: { type: "string" } },
  async run(input) {
    const flow = input.args[0]!;
    const node = textOption(input, "node");
    const limit = numberOption(input, "limit", { min: 1, max: 200 }) ?? 50;
    const found = await input.client.parked.list.query({ flow, limit, ...(node === undefined ? {} : { node }) });
    if (found.items.length === 0) return { data: found, text: `No message of ${flow} waits for a later try.` };
    const text = writeTable(found.items, [
      { title: "id", value: (message) => message.id },
      { title: "node", value: (message) => message.node },
      { title: "key", value: (message) => message.key },
      { title: "attempts", value: writeAttempts, right: true },
      { title: "next try", value: (message) => writeNext(message, input.now()) },
      { title: "position", value: (message) => `${message.lane} @ ${message.position}` },
      { title: "since", value: (message) => formatAgo(message.createdAt, input.now()) },
      { title: "cause", value: (message) => message.causeCode },
      { title: "words", value: (message) => message.causeMessage },
    ]);
    const stopped = found.items.every(({ runs }) => !runs) ? `\n\n${flow} is stopped: nothing is tried.` : "";
    const more = found.total > found.items.length ? `\n\n${formatNumberOf(found.total, "message")} in all.` : "";
    return { data: found, text: text + stopped + more };
  },
};

const choosing = { node: { type: "string" }, id: { type: "string", multiple: true } } as const;

export const parkedNow: Command = {
  usage: "parked-now NAME [--node NODE] [--id ID …]",
  summary: "Try messages now that wait for a later try",
  needs: 1,
  options: choosing,
  async run(input) {
    const result = await input.client.parked.tryNow.mutate(await readChoice(input));
    const text =
      result.due === 0
        ? "No message that waits fits, so none was made due."
        : `${formatNumberOf(result.due, "message is", "messages are")} due now; those behind of the same key follow.`;
    return { data: result, text };
  },
};

export const parkedGiveUp: Command = {
  usage: "parked-give-up NAME [--node NODE] [--id ID …]",
  summary: "Try messages no more that wait for a later try: they go to the dead letters",
  needs: 1,
  options: choosing,
  async run(input) {
    const result = await input.client.parked.giveUp.mutate(await readChoice(input));
    const text =
      result.givenUp === 0
        ? "No message that waits fits, so none was given up."
        : `${formatNumberOf(result.givenUp, "message goes", "messages go")} to the dead letters as soon as nobody tries ${result.givenUp === 1 ? "it" : "them"}.`;
    return { data: result, text };
  },
};

/** All of a flow or of a node, or some by id. */
async function readChoice(input: CommandInput) {
  const flow = input.args[0]!;
  const node = textOption(input, "node");
  const ids = Array.isArray(input.options.id) ? input.options.id : undefined;
  // The flow of single messages is known already; named all the same, so that a wrong name is noticed.
  if (ids) await input.client.flows.get.query({ name: flow });
  return { ...(ids ? { ids } : { flow }), ...(node === undefined ? {} : { node }) };
}

function writeAttempts({ attempts, ofAttempts }: ParkedSummary): string {
  return ofAttempts === null ? String(attempts) : `${attempts} of ${ofAttempts}`;
}

function writeNext({ givenUp, behind, dueAt }: ParkedSummary, now: number): string {
  if (givenUp) return "none, given up";
  if (behind) return `after ${formatNumberOf(behind.count, "message")} of its key`;
  const inMs = dueAt === null ? 0 : dueAt.getTime() - now;
  return inMs <= 0 ? "now" : `in ${formatDuration(inMs)}`;
}
