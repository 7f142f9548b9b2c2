import "server-only";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { ZodError } from "zod";
import { type CanAction, type CanObject, can, roleFor } from "./can";
import type { Context } from "./context";
import { Refusal, refusal } from "./refusal";
import { refuseOutOfScope } from "./token-scope";
import type { ShownProblem } from "./views";

const trpc = initTRPC.context<Context>().create({
  transformer: superjson,
  // A stream is opened anew now and then, so that a session that ended, or a smaller role, takes effect.
  sse: {
    maxDurationMs: 600_000,
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 20_000 },
  },
  errorFormatter({ shape, error }) {
    const problem = describeError(error);
    const { stack: _stack, ...data } = shape.data;
    return { ...shape, message: problem.message, data: { ...data, problem } };
  },
});

export const router = trpc.router;
export const createCaller = trpc.createCallerFactory;
/** For what a visitor without an account may ask. */
export const open = trpc.procedure;

/** A procedure that asks `can(role, action, object)` first, and what an API token is limited to. */
export function allowed<O extends CanObject>(action: CanAction<O>, object: O) {
  return trpc.procedure.use(async ({ ctx, next, path, type, getRawInput }) => {
    if (!ctx.me) {
      if (ctx.refused) throw refusal("UNAUTHORIZED", ctx.refused.code, ctx.refused.message);
      throw refusal("UNAUTHORIZED", "sign-in-needed", "Sign in first, or pass an API token that is still valid.");
    }
    if (!can(ctx.me.role, action, object)) {
      const needed = roleFor(action, object);
      throw refusal(
        "FORBIDDEN",
        "role-too-small",
        `This needs the role ${needed}; ${ctx.by === "token" ? "the token has" : "you have"} ${ctx.me.role}. Ask an administrator for it.`,
      );
    }
    if (ctx.token) await refuseOutOfScope(ctx.token, { path, type, readInput: getRawInput });
    return next({ ctx: { ...ctx, me: ctx.me } });
  });
}

/** Code and words of any error. Unexpected ones keep their own words to the log: they may carry data. */
function describeError(error: { code: string; message: string; cause?: unknown }): ShownProblem {
  const { cause } = error;
  if (cause instanceof Refusal) {
    const { code, message, detail } = cause;
    return detail === undefined ? { code, message } : { code, message, detail };
  }
  if (cause instanceof ZodError) {
    const issue = cause.issues[0];
    const place = issue?.path.join(".") ?? "";
    return {
      code: "input-invalid",
      message: `${place === "" ? "The request" : place}: ${issue?.message ?? "is not valid"}.`,
    };
  }
  if (error.code === "INTERNAL_SERVER_ERROR") {
    return {
      code: "unexpected",
      message: "The server met an unexpected error; what is saved stays as it was. Its log says more.",
    };
  }
  return { code: error.code.toLowerCase().replaceAll("_", "-"), message: error.message };
}
