/** What going to the version that ran before is called: after a roll back that one is the newer. */
export function wordsOfRollback(previous: number | null, running: number | undefined): string {
  if (previous === null) return "Roll back";
  return previous > (running ?? Number.POSITIVE_INFINITY) ? `Run v${previous} again` : `Roll back to v${previous}`;
}
