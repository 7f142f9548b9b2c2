import type { Command } from "../command";
import { refuseUsage } from "../failure";
import { numberOption, textOption } from "../options";
import { formatAgo, formatDuration, writeTable } from "../table";

export const record: Command = {
  usage: "record NAME [--where CEL [--minutes N]]",
  summary: "Record everything of a flow that fits, for a time; without --where: what is recorded now",
  needs: 1,
  options: { where: { type: "string" }, minutes: { type: "string" } },
  async run(input) {
    const flow = input.args[0]!;
    const condition = textOption(input, "where");
    const minutes = numberOption(input, "minutes", { min: 1, max: 1_440 });
    if (condition !== undefined) {
      const started = await input.client.recordings.start.mutate({ flow, condition, minutes: minutes ?? 60 });
      const text = `Every run where ${condition} is recorded until ${started.endsAt.toISOString()} (record-stop ${started.id}).`;
      return { data: started, text };
    }
    if (minutes !== undefined) throw refuseUsage("--minutes goes with --where: say what is to be recorded.");
    const found = await input.client.recordings.list.query({ flow });
    if (found.length === 0) return { data: found, text: `Nothing of ${flow} is recorded for a time.` };
    const text = writeTable(found, [
      { title: "id", value: ({ id }) => id },
      { title: "where", value: (each) => each.condition },
      { title: "ends in", value: ({ endsAt }) => formatDuration(Math.max(0, endsAt.getTime() - input.now())) },
      { title: "asked", value: ({ createdAt }) => formatAgo(createdAt, input.now()) },
      { title: "by", value: ({ by }) => by },
    ]);
    return { data: found, text };
  },
};

export const recordStop: Command = {
  usage: "record-stop ID",
  summary: "End what is recorded for a time; what was recorded stays",
  needs: 1,
  options: {},
  async run(input) {
    const id = input.args[0]!;
    await input.client.recordings.stop.mutate({ id });
    return { data: { id }, text: "Not recorded any more." };
  },
};
