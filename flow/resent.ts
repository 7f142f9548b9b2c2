/**
 * Header of a message that a person sent again from a run: the id of the run that it came from first, the same however often it is sent.
 * As `millrace-dead-letter-id` is for dead letters: enough for a reader, or an idempotent receiver, to tell a second delivery.
 */
export const runHeader = "millrace-run-id";

/** Headers of a message that is sent again from a run; one that came from a run before keeps the id of that. */
export function markResent(headers: readonly (readonly [string, string])[], run: string): [string, string][] {
  const first = headers.find(([name]) => name.toLowerCase() === runHeader)?.[1] ?? run;
  const others = headers.filter(([name]) => name.toLowerCase() !== runHeader);
  return [...others.map(([name, text]): [string, string] => [name, text]), [runHeader, first]];
}
