import type { Cause } from "../../../flow/verdict";
import { describeTlsFailure } from "../tls";

const signInFails = /NOAUTH|WRONGPASS|invalid username|no password is set|without any password/i;

/** No sentinel told where the primary is. `cause`: why the last one could not; absent: it answered, and knows none of that name. */
export class NoPrimaryError extends Error {
  override readonly name = "NoPrimaryError";
  constructor(
    readonly primary: string,
    /** Where they are. */
    readonly sentinels: string,
    options?: { readonly cause: unknown },
  ) {
    super("No sentinel tells of a primary.", options);
  }
}

/** An error of Redis as a cause in words, without credentials or data. `stream` names the stream when one is meant. */
export function causeOf(error: unknown, address: string, stream?: string): Cause {
  const { message = "" } = (error ?? {}) as { message?: string };
  const text = textOf(error);
  const refused = (words: string): Cause => ({ code: "broker-refused", message: words });
  if (error instanceof NoPrimaryError) return causeOfSentinels(error);
  if (signInFails.test(text)) return refused(`Redis at ${address} refused the user name or password.`);
  if (/NOPERM/.test(text)) {
    const what = /run the '(\S+)' command/.exec(message)?.[1];
    return refused(
      `Redis at ${address} does not let this user ${what ? `run ${what.toUpperCase()}` : "do that"}${on(stream)}: its ACL must allow it.`,
    );
  }
  if (/WRONGTYPE/.test(text)) {
    const named = stream === undefined ? "The key" : `\`${stream}\``;
    return refused(
      `${named} in Redis at ${address} is no stream but something else: remove or rename it there, or name another stream.`,
    );
  }
  if (/\bOOM\b|command not allowed when used memory/i.test(text)) {
    return refused(
      `Redis at ${address} is full (maxmemory) and takes no more entries: trim streams, or give it more memory.`,
    );
  }
  if (/MISCONF/.test(text))
    return refused(`Redis at ${address} cannot write to its disk, and takes nothing until it can.`);
  if (/NOREPLICAS/.test(text)) return refused(`Redis at ${address} has too few replicas to take writes.`);
  if (/READONLY/.test(text)) return refused(`Redis at ${address} is a replica, which takes no writes.`);
  if (/invalid bulk length|Protocol error/i.test(text))
    return { code: "message-too-large", message: `Redis at ${address} takes no value so large (proto-max-bulk-len).` };
  if (/unknown command|unknown subcommand/i.test(text))
    return refused(`Redis at ${address} does not know a command that streams need: it must be version 7 or newer.`);
  if (/CLUSTERDOWN|TRYAGAIN|MASTERDOWN|ClusterAllFailed|Failed to refresh slots/i.test(text))
    return unreachable(address, "the cluster is not whole.");
  if (isReply(error) && !/LOADING|BUSY/.test(text))
    return refused(`Redis at ${address} refused: ${message.slice(0, 200)}`);
  return unreachable(address, describeBreak(text));
}

function textOf(error: unknown): string {
  const { message = "", code = "" } = (error ?? {}) as { message?: string; code?: string };
  return `${code} ${message}`;
}

function causeOfSentinels({ primary, sentinels, cause }: NoPrimaryError): Cause {
  const refused = (words: string): Cause => ({
    code: "broker-refused",
    message: `The sentinels at ${sentinels} ${words}`,
  });
  if (cause === undefined)
    return refused(
      `know no primary \`${primary}\`. Correct *Name of the primary* of the connection, or let them monitor one of that name.`,
    );
  const why = textOf(cause);
  if (signInFails.test(why)) return refused("refused their password.");
  const message = `The sentinels at ${sentinels} cannot be reached: ${describeBreak(why)}`;
  return { code: "broker-unreachable", message };
}

function unreachable(address: string, why: string): Cause {
  return { code: "broker-unreachable", message: `Redis at ${address} cannot be reached: ${why}` };
}

function describeBreak(text: string): string {
  if (/ECONNREFUSED/.test(text)) return "the connection was refused.";
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return "the host name is not known.";
  const ofTls = describeTlsFailure(text);
  if (ofTls !== undefined) return ofTls;
  if (/timed? ?out|ETIMEDOUT|max retries/i.test(text)) return "it did not answer in time.";
  if (/LOADING/.test(text)) return "it is still loading its data.";
  if (/\bBUSY\b/.test(text)) return "a script keeps it busy.";
  return "the connection broke.";
}

/** The server answered: an error of the command, not of the connection. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

/** The group, or its stream, is not there (any more). */
export function isGroupGone(error: unknown): boolean {
  return (
    isReply(error) &&
    /NOGROUP|no such key|UNBLOCKED|consumer group this client was blocked on/i.test((error as Error).message)
  );
}

const on = (stream: string | undefined) => (stream === undefined ? "" : ` on \`${stream}\``);
