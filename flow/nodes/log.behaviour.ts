import type { StepBehaviour } from "../behaviour";
import { jsonCodec } from "../codecs/json";
import { compileExpression, type Expression, scopeOf } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { leavesBy, type StepResult } from "../verdict";
import type { LogConfig } from "./log";

/** What is shown is cut here: a panel's line, not a payload. */
const maxShownCharacters = 500;
const utf8 = new TextDecoder();

const out = leavesBy("out");

export const logBehaviour: StepBehaviour<LogConfig> = {
  role: "step",
  mode: "sync",
  open(config, { node }) {
    const show = config.show ? compileExpression(config.show) : undefined;

    function pass(message: Message): StepResult {
      if (!show) return out;
      try {
        return { ...out, note: { shown: showText(show, message) } };
      } catch (error) {
        // To look on is no reason to stop a message.
        return { ...out, note: { shown: failureOf(error, node, "show").cause.message } };
      }
    }

    return { process: (batch) => batch.map(pass) };
  },
};

function showText(show: Expression, message: Message): string {
  const value = show.evaluate(scopeOf(message)) ?? null;
  const text = typeof value === "string" ? value : utf8.decode(jsonCodec.encode(value));
  return text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
}
