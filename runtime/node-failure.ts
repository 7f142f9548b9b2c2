import { BodyPathError } from "../flow/body-path";
import { CodecError } from "../flow/codec";
import { nameErrors } from "../flow/error-chain";
import { ExpressionError } from "../flow/expression";
import { type Cause, type Failure, rejected, retryMessage } from "../flow/verdict";
import { TransportError } from "./transport";

/** Why a node or a connection cannot be opened, for a person. */
export function toCause(error: unknown): Cause {
  if (error instanceof TransportError) return error.reason;
  if (error instanceof CodecError || error instanceof ExpressionError)
    return { code: error.code, message: error.message };
  if (error instanceof Error) return { code: "node-crashed", message: `The node cannot be opened: ${error.message}` };
  return { code: "node-crashed", message: "The node cannot be opened." };
}

/**
 * What a node threw on a message: bytes and expressions that do not fit never will; anything else is worth another try.
 * The text of an unexpected error may quote the payload, so only the names of it and its causes go on.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof CodecError) return rejected(error.code, error.message);
  if (error instanceof ExpressionError) return rejected("expression-failed", error.message);
  if (error instanceof BodyPathError)
    return rejected("body-invalid", `The message does not fit the node: ${error.message}.`);
  const name = error instanceof Error ? error.name : typeof error;
  return retryMessage("node-crashed", `The node failed unexpectedly (${name}).`, nameErrors(error));
}
