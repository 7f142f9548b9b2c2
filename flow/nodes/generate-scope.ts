import { ExpressionError } from "../expression/errors";

/** What a generator's expressions see of message `n`. The worker makes messages with it, the form its preview. */
export function makeGenerateScope(n: bigint, timestamp: number) {
  const random = drawFrom(n);
  return { n, now: new Date(timestamp).toISOString(), random, pick: (list: unknown) => pickOne(list, random) };
}

/** Random numbers from 0 to below 1 (mulberry32) that follow from `n`: a message that is made again is the same but for `now`. */
function drawFrom(n: bigint): () => number {
  let state = Number(BigInt.asIntN(32, n * 0x9e3779b1n));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pickOne(list: unknown, random: () => number): unknown {
  if (Array.isArray(list) && list.length > 0) return list[Math.floor(random() * list.length)];
  throw new ExpressionError("expression-failed", "`pick` takes a list with something in it: pick(['DE', 'FR']).");
}
