import type { Message } from "../message";
import { isFailure, type StepResult } from "../verdict";

const utf8 = new TextDecoder();

/**
 * Works a batch with up to `concurrency` messages at once, those of one key one after another. When what it asks is away, the messages
 * that were not begun get the same answer without asking.
 */
export async function processByKey(
  batch: readonly Message[],
  concurrency: number,
  work: (message: Message) => Promise<StepResult>,
): Promise<StepResult[]> {
  const results = new Array<StepResult>(batch.length);
  const chains = chainByKey(batch);
  let next = 0;
  let away: StepResult | undefined;

  async function workChains(): Promise<void> {
    for (let chain = chains[next++]; chain; chain = chains[next++]) {
      for (const index of chain) {
        const result = away ?? (await work(batch[index]!));
        if (isFailure(result) && result.verdict === "retry" && result.of === "dependency") away = result;
        results[index] = result;
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(concurrency, chains.length) }, workChains));
  return results;
}

/** Indexes of the messages of each key, in their order; a message without a key stands alone. */
function chainByKey(batch: readonly Message[]): number[][] {
  const chains: number[][] = [];
  const byKey = new Map<string, number[]>();
  for (const [index, { key }] of batch.entries()) {
    const name = key === null ? undefined : utf8.decode(key);
    const chain = name === undefined ? undefined : byKey.get(name);
    if (chain) {
      chain.push(index);
      continue;
    }
    const begun = [index];
    chains.push(begun);
    if (name !== undefined) byKey.set(name, begun);
  }
  return chains;
}
