import type { RunDetail } from "../../flow/control";
import { joinWords } from "../../flow/issues";
import type { SendAgainView } from "../../server/views";
import type { Command } from "../command";
import { CommandFailure } from "../failure";
import { numberOption, textOption } from "../options";
import { waitForEnd } from "./redrive";

export const sendFrom: Command = {
  usage: "send-from RUN STEP [--body FILE] [--dry-run] [--wait SECONDS]",
  summary: "Send what came to a step of a run to its node again, as it was or with another body",
  needs: 2,
  options: { body: { type: "string" }, "dry-run": { type: "boolean" }, wait: { type: "string" } },
  async run(input) {
    const [id, asked] = input.args as [string, string];
    const waitSeconds = numberOption(input, "wait", { min: 1, max: 86_400 });
    const file = textOption(input, "body");
    const { runs } = input.client;
    const step = findStep((await runs.get.query({ id })).detail, asked);
    if (input.options["dry-run"] === true) {
      const again = await runs.again.query({ id, step });
      return again.why === null
        ? { data: again, text: describeAgain(again) }
        : { data: again, text: "", failure: `It cannot be sent: ${again.why}` };
    }
    const value = file === undefined ? undefined : await input.readFile(file);
    const edit = value === undefined ? {} : { edit: { value, encoding: "text" as const } };
    const sent = await runs.sendFrom.mutate({ id, step, ...edit });
    if (waitSeconds !== undefined) return waitForEnd(input, [{ id: sent.redrive }], waitSeconds);
    const text = `On its way to ${sent.node} of ${sent.flow} v${sent.version}. Its run: find ${sent.letter}`;
    return { data: sent, text };
  },
};

/** By its number, or by its node when that was given one message alone. @throws CommandFailure */
function findStep({ steps }: RunDetail, asked: string): number {
  const number = Number(asked);
  if (/^\d+$/.test(asked) && steps[number]) return number;
  const ofNode = steps.flatMap(({ node, in: input }, step) => (node === asked ? [{ step, input }] : []));
  const [first] = ofNode;
  if (!first)
    throw new CommandFailure(
      `The run has no step “${asked}”. It has ${joinWords([...new Set(steps.map(({ node }) => node))], "and")}.`,
      { code: "step-missing" },
    );
  // Attempts of one message are alike.
  if (ofNode.every(({ input }) => input === first.input)) return first.step;
  const numbers = joinWords(
    ofNode.map(({ step }) => `${step}`),
    "or",
  );
  throw new CommandFailure(`${asked} was reached several times: say which step, ${numbers}.`, { code: "step-unclear" });
}

function describeAgain({ ran, now, repeat, notes }: SendAgainView): string {
  const versions =
    now === null || now === ran
      ? `Version ${ran} works it.`
      : `Version ${now} works it; the run was of version ${ran}.`;
  return ["Nothing was sent.", versions, repeat, ...notes].filter(Boolean).join("\n");
}
