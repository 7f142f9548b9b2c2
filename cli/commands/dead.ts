import type { ForwardCount } from "../../server/views";
import type { Command } from "../command";
import { refuseUsage } from "../failure";
import { numberOption, textOption } from "../options";
import { formatAgo, formatNumberOf, writeTable } from "../table";

const states = ["waiting", "queued", "sending", "sent", "discarded"] as const;

export const dead: Command = {
  usage: `dead NAME [--state ${states.join("|")}] [--limit N]`,
  summary: "List a flow's dead letters",
  needs: 1,
  options: { state: { type: "string" }, limit: { type: "string" } },
  async run(input) {
    const flow = input.args[0]!;
    const wanted = textOption(input, "state") ?? "waiting";
    const state = states.find((each) => each === wanted);
    if (!state) throw refuseUsage(`--state takes one of ${states.join(", ")}, not “${wanted}”.`, dead.usage);
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
      { title: "node", value: (letter) => letter.node },
      { title: "cause", value: (letter) => letter.causeCode },
      { title: "key", value: (letter) => letter.key },
      { title: "position", value: (letter) => `${letter.lane}:${letter.position}` },
      { title: "attempts", value: (letter) => letter.attempts, right: true },
      { title: "since", value: (letter) => formatAgo(letter.createdAt, input.now()) },
      { title: "words", value: (letter) => letter.causeMessage },
    ]);
    const more = found.total > found.items.length ? `\n\n${formatNumberOf(found.total, "dead letter")} in all.` : "";
    return { data, text: text + more + waits };
  },
};

function sayForward({ to, connection, due, refused, cause }: ForwardCount): string {
  const parts = [
    due > 0 ? `${formatNumberOf(due, "dead letter")} still to be written to ${to} of ${connection}` : "",
    refused > 0 ? `${formatNumberOf(refused, "dead letter")} that ${to} of ${connection} does not take` : "",
  ];
  return `${parts.filter(Boolean).join("; ")}${cause === null ? "." : `: ${cause}`}`;
}
