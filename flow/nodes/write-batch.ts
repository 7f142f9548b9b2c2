import type { Message } from "../message";
import { type Failure, isFailure, type Verdict } from "../verdict";

/**
 * Makes what a port writes of each message, writes those that could be made in one go, and answers in the order of the batch.
 * A message that cannot be written leaves the others alone.
 */
export async function writeBatch<Item extends object>(
  batch: readonly Message[],
  make: (message: Message, index: number) => Item | Failure,
  write: (items: readonly Item[]) => Promise<readonly Verdict[]>,
): Promise<Verdict[]> {
  const items: Item[] = [];
  let failures: Map<number, Failure> | null = null;
  for (let index = 0; index < batch.length; index++) {
    const made = make(batch[index]!, index);
    if (!isUnmade(made)) items.push(made);
    else {
      failures ??= new Map();
      failures.set(index, made);
    }
  }
  const written = items.length > 0 ? await write(items) : [];
  if (!failures) return written as Verdict[];
  let next = 0;
  return batch.map((_, index) => failures.get(index) ?? written[next++]!);
}

function isUnmade(made: object): made is Failure {
  return "verdict" in made && isFailure(made as Failure);
}
