import type { BatchContext, SinkBehaviour } from "../behaviour";
import { compileExpression, scopeOf } from "../expression";
import { writeText } from "../expression/values";
import type { StartRequest } from "../holding";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { type Failure, rejected } from "../verdict";
import { placeIn } from "./held-place";
import type { SagaStartConfig } from "./saga-start";
import { writeBatch } from "./write-batch";

/** Keys are searched for by people and stand in the keys of commands. */
const maxKeyCharacters = 500;

export const sagaStartBehaviour: SinkBehaviour<SagaStartConfig> = {
  role: "sink",
  open(config, context) {
    const key = config.key ? compileExpression(config.key) : undefined;
    const data = config.data ? compileExpression(config.data) : undefined;

    function readKey(message: Message): string | Failure {
      const value = key ? key.evaluate(scopeOf(message)) : message.keyText;
      const text = value === null || value === undefined ? "" : writeText(value);
      if (text === undefined)
        return rejected(
          "body-invalid",
          `\`key\` of node \`${context.node}\` gave a list or a map; text or a number is needed.`,
        );
      if (text.length > maxKeyCharacters)
        return rejected(
          "body-invalid",
          `\`key\` of node \`${context.node}\` gave more than ${maxKeyCharacters} characters.`,
        );
      if (text.trim() !== "") return text;
      const words = key
        ? `\`key\` of node \`${context.node}\` gave an empty key on this message, so no saga can be named after it.`
        : `The message has no key, and node \`${context.node}\` names its saga after it: set its \`key\`.`;
      return rejected("saga-key-empty", words);
    }

    function toRequest(message: Message, batch: BatchContext, index: number): StartRequest | Failure {
      let field = "key";
      try {
        const read = readKey(message);
        if (typeof read !== "string") return read;
        field = "data";
        const body = data ? (data.evaluate(scopeOf(message)) ?? null) : message.body;
        return { ...placeIn(message, batch, index), key: read, data: body };
      } catch (error) {
        return failureOf(error, context.node, field);
      }
    }

    return {
      write: (batch, batchContext) =>
        writeBatch(
          batch,
          (message, index) => toRequest(message, batchContext, index),
          (requests) => context.holding.start(requests),
        ),
    };
  },
};
