import { BodyPathError } from "./body-path";
import { CodecError } from "./codec";
import { nameErrors } from "./error-chain";
import { ExpressionError } from "./expression";
import { type Failure, rejected } from "./verdict";

/**
 * What a node answers when working on one message threw: never the message's turn to stop the others. Names the node and its field;
 * carries no payload.
 */
export function failureOf(error: unknown, node: string, field: string): Failure {
  if (error instanceof CodecError) return rejected(error.code, error.message);
  if (error instanceof ExpressionError) {
    // What was ended for its cost is a cause of its own: another expression mends it, not another message.
    const code = error.code === "expression-too-costly" ? error.code : "expression-failed";
    return rejected(code, `\`${field}\` of node \`${node}\` failed on this message: ${error.message}`);
  }
  if (error instanceof BodyPathError)
    return rejected("body-invalid", `\`${field}\` of node \`${node}\` does not fit this message: ${error.message}.`);
  // Its text may quote the payload, so only the names of it and its causes go on.
  const name = error instanceof Error ? error.name : typeof error;
  return rejected("node-crashed", `\`${field}\` of node \`${node}\` failed unexpectedly (${name}).`, nameErrors(error));
}
