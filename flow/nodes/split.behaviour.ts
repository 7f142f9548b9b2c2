import type { StepBehaviour } from "../behaviour";
import { nameType } from "../body-path";
import { compileExpression, scopeOf } from "../expression";
import type { Header, Message } from "../message";
import { failureOf } from "../message-failure";
import { encodeUtf8 } from "../utf8";
import { rejected, type StepResult } from "../verdict";
import { messageIdHeader } from "./message-id";
import { type SplitConfig, splitCountHeader, splitIndexHeader } from "./split";

/** An item is another message than the whole: readers that tell messages apart by the id would take one of them only. */
const replaced: ReadonlySet<string> = new Set([messageIdHeader, splitCountHeader, splitIndexHeader]);

/** Small numbers are written once: messages share their headers. */
const written = new Map<string, Header[]>([splitCountHeader, splitIndexHeader].map((name) => [name, []]));
const mostWritten = 1_000;

function writeNumber(name: string, number: number): Header {
  if (number >= mostWritten) return [name, encodeUtf8(String(number))];
  const known = written.get(name)!;
  known[number] ??= [name, new TextEncoder().encode(String(number))];
  return known[number];
}

export const splitBehaviour: StepBehaviour<SplitConfig> = {
  role: "step",
  mode: "sync",
  open(config, { node }) {
    const items = compileExpression(config.items);

    function divide(message: Message): StepResult {
      try {
        const bytes = items.bodyField === undefined ? undefined : message.bodyItems(items.bodyField);
        const list = bytes ?? items.evaluate(scopeOf(message));
        if (!Array.isArray(list))
          return rejected("body-invalid", `\`items\` of node \`${node}\` gave ${nameType(list)} and not a list.`);
        const own = message.headers.filter(([name]) => !replaced.has(name));
        const count = writeNumber(splitCountHeader, list.length);
        return {
          emit: list.map((item: unknown, index) => {
            const headers = [...own, count, writeNumber(splitIndexHeader, index)];
            const one = bytes
              ? message.withValue(bytes[index]!, headers)
              : message.with({ headers }).withBody(item ?? null);
            return { port: "out", message: one };
          }),
        };
      } catch (error) {
        return failureOf(error, node, "items");
      }
    }

    return { process: (batch) => batch.map(divide) };
  },
};
