/** How long a run takes, from the environment: `BENCH_SECONDS` a round, `BENCH_ROUNDS` rounds of every side. */
function read(name: string, usual: number, least: number): number {
  const value = Number(process.env[name] ?? usual);
  if (!(value >= least)) throw new Error(`${name} must be a number from ${least} on.`);
  return value;
}

/** A round is measured for so long. */
export const roundSeconds = read("BENCH_SECONDS", 5, 0.5);
export const rounds = Math.floor(read("BENCH_ROUNDS", 5, 1));
/** One round of each side is not counted, and may be shorter: it warms the processes up. */
export const warmSeconds = Math.min(2, roundSeconds);
