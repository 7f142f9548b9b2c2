import type { StepBehaviour } from "../behaviour";
import { nameType } from "../body-path";
import { compileExpression, scopeOf } from "../expression";
import { type Message, setHeader } from "../message";
import { failureOf } from "../message-failure";
import { rejected, type StepResult } from "../verdict";
import { messageIdHeader } from "./message-id";
import { type SplitConfig, splitCountHeader, splitIndexHeader } from "./split";

export const splitBehaviour: StepBehaviour<SplitConfig> = {
  role: "step",
  mode: "sync",
  open(config, { node }) {
    const items = compileExpression(config.items);

    function divide(message: Message): StepResult {
      try {
        const written = items.bodyField === undefined ? undefined : message.bodyItems(items.bodyField);
        const list = written ?? items.evaluate(scopeOf(message));
        if (!Array.isArray(list))
          return rejected("body-invalid", `\`items\` of node \`${node}\` gave ${nameType(list)} and not a list.`);
        // An item is another message than the whole: readers that tell messages apart by the id would take one of them only.
        const own = message.headers.filter(([name]) => name !== messageIdHeader);
        const counted = setHeader(own, splitCountHeader, String(list.length));
        return {
          emit: list.map((item: unknown, index) => {
            const part = message.with({ headers: setHeader(counted, splitIndexHeader, String(index)) });
            return { port: "out", message: written ? part.withValue(written[index]!) : part.withBody(item ?? null) };
          }),
        };
      } catch (error) {
        return failureOf(error, node, "items");
      }
    }

    return { process: (batch) => batch.map(divide) };
  },
};
