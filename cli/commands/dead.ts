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
    const [found, groups] = await Promise.all([
      input.client.deadLetters.list.query({ flow, state, limit }),
      input.client.deadLetters.groups.query({ flow }),
    ]);
    const data = { ...found, groups };
    if (found.items.length === 0) return { data, text: `${flow} has no ${state} dead letters.` };
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
    return { data, text: text + more };
  },
};
