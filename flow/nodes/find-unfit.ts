import { nameType, setPath } from "../body-path";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { type Failure, rejected } from "../verdict";

/** Why a message's body cannot take an answer; `undefined` when it can. */
export function findUnfit(message: Message, into: readonly string[], node: string): Failure | undefined {
  try {
    if (message.body === null)
      return rejected(
        "body-invalid",
        `\`into\` of node \`${node}\` needs a body that is a record, not ${nameType(null)}.`,
      );
    setPath(message.body, into, null);
    return undefined;
  } catch (error) {
    return failureOf(error, node, "into");
  }
}
