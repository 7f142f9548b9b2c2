/** What a failed call says for itself: words, and the code to search for when there is one. */
export interface ErrorWords {
  message: string;
  code: string | null;
}

interface Shaped {
  message?: unknown;
  data?: { code?: unknown; problem?: { code?: unknown; message?: unknown } | null } | null;
}

const notReached = "The server did not answer. Check that Millrace is running, then try again.";

/** Reads `data.problem` of a tRPC error, else its message; a broken connection gets words of its own. */
export function wordsOfError(error: unknown): ErrorWords {
  const shaped = (typeof error === "object" && error !== null ? error : {}) as Shaped;
  const problem = shaped.data?.problem;
  if (problem && typeof problem.message === "string") {
    return { message: problem.message, code: typeof problem.code === "string" ? problem.code : null };
  }
  const message = typeof shaped.message === "string" ? shaped.message : "";
  if (shaped.data === undefined && /fetch|network|load failed|JSON/i.test(message))
    return { message: notReached, code: "server-unreachable" };
  const code = typeof shaped.data?.code === "string" ? shaped.data.code.toLowerCase().replaceAll("_", "-") : null;
  return { message: message || "Something went wrong that has no words yet.", code };
}

/** Words and code in one line, for a toast or a field. */
export function messageOfError(error: unknown): string {
  const { message, code } = wordsOfError(error);
  return code ? `${message} (${code})` : message;
}
