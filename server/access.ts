import "server-only";
import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "./context";
import { refusal } from "./refusal";
import { readRoleNow } from "./use-cases/sessions";
import type { LiveEvent } from "./views";

/** So long after a session has ended its open streams go on, at most. */
const accessEveryMs = 2_000;

/** Says nothing, and fails when the session or token of a stream has ended or has another role: it is then opened anew, with what holds by now. */
export async function* watchAccess(
  context: Pick<Context, "session" | "token" | "me">,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent> {
  while (!signal.aborted) {
    await wait(accessEveryMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    const role = await readRoleNow(context);
    if (role === context.me?.role) continue;
    throw role === null
      ? refusal("UNAUTHORIZED", "session-ended", "The session has ended. Sign in again.")
      : refusal("UNAUTHORIZED", "role-changed", "Your role has changed. Load the page again.");
  }
  yield* [];
}
