const maxLinks = 5;
const nameLike = /^[\w.-]{1,60}$/;

/**
 * An error and what caused it, by names and codes: `TypeError, caused by Error (ECONNRESET)`. Their texts may quote the payload or an
 * address with a password, so they stay out. `undefined` when that says no more than the error's own name.
 */
export function nameErrors(error: unknown): string | undefined {
  const links: string[] = [];
  for (let at: unknown = error; at instanceof Error && links.length < maxLinks; at = at.cause) {
    const { name, code } = at as Error & { code?: unknown };
    const shown = nameLike.test(name) ? name : "Error";
    links.push(typeof code === "string" && nameLike.test(code) ? `${shown} (${code})` : shown);
  }
  const words = links.join(", caused by ");
  return links.length > 1 || words.includes("(") ? words : undefined;
}
