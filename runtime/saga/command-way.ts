import { ExpressionError } from "../../flow/expression";
import { maxAnswerBytes } from "../../flow/http-answer";
import type { SagaCall } from "../../flow/saga/request";
import type { CommandResult, SagaCommand, SagaState } from "../../flow/saga/state";
import type { Cause } from "../../flow/verdict";

/** A command on its way, as each way of sending one gets it. */
export interface CommandTask {
  readonly command: SagaCommand;
  /** The saga as it stood when it was handed out. */
  readonly saga: Pick<SagaState, "id" | "headers" | "depth">;
  readonly call: SagaCall;
  /** An answer is waited for this long. */
  readonly timeoutMs: number;
  /** It is not wanted any more, or the worker stops. */
  readonly signal: AbortSignal;
}

/**
 * What became of it, as far as is known here. `sent`: it is safe elsewhere, and its answer comes by itself. `stopped`: nothing is known, and
 * nothing is recorded: it is sent again with the same key.
 */
export type Sent =
  | { readonly is: "answered"; readonly result: CommandResult }
  | { readonly is: "sent" }
  | { readonly is: "stopped" };

/** One way of sending commands. Never rejects but for defects. */
export type SendCommand = (task: CommandTask) => Promise<Sent>;

export type Failed = Extract<CommandResult, { ok: false }>;

export function failWith(cause: Cause, how: Pick<Failed, "final" | "effect" | "away">): Failed {
  return { ok: false, cause, ...how };
}

export function answered(result: CommandResult): Sent {
  return { is: "answered", result };
}

export const stopped: Sent = { is: "stopped" };

/** Which failures are for good, where the step says it itself. */
export function applyFinal(
  failed: Failed,
  call: SagaCall,
  node: string,
  told: { readonly status: number | null; readonly answer: unknown },
): Failed {
  if (!call.final) return failed;
  try {
    return { ...failed, final: call.final({ ...told, code: failed.cause.code }) };
  } catch (error) {
    return { ...failed, cause: causeOfRule(error, "final", node), final: true };
  }
}

export function causeOfRule(error: unknown, field: string, node: string): Cause {
  const why = error instanceof ExpressionError ? error.message : "it failed unexpectedly.";
  return { code: "expression-failed", message: `\`${field}\` of node \`${node}\` failed on this answer: ${why}` };
}

/** An answer that came by message or from a job, and that no saga can hold. */
export function tooLarge(node: string): Failed {
  const message = `The answer to \`${node}\` is larger than ${maxAnswerBytes} bytes. Have the service answer less.`;
  return failWith({ code: "message-too-large", message }, { final: true, effect: "maybe" });
}

/** As much of a text as anybody looks at. */
const textMaxCharacters = 2_000;
const utf8 = new TextDecoder();

export function showBytes(bytes: Uint8Array | null): string {
  return bytes === null ? "" : utf8.decode(bytes.subarray(0, textMaxCharacters * 2)).slice(0, textMaxCharacters);
}
