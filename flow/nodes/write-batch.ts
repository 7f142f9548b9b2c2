import type { Message } from "../message";
import type { Failure, Verdict } from "../verdict";

/** What a sink made of one message: what its port writes, or why it could not be made. */
export type Made<Item> = { readonly item: Item } | { readonly failure: Failure };

/**
 * Makes what a port writes of each message, writes those that could be made in one go, and answers in the order of the batch.
 * A message that cannot be written leaves the others alone.
 */
export async function writeBatch<Item>(
  batch: readonly Message[],
  make: (message: Message) => Made<Item>,
  write: (items: readonly Item[]) => Promise<readonly Verdict[]>,
): Promise<Verdict[]> {
  const made = batch.map(make);
  const items = made.flatMap((each) => ("item" in each ? [each.item] : []));
  const written = items.length > 0 ? await write(items) : [];
  let next = 0;
  return made.map((each) => ("item" in each ? written[next++]! : each.failure));
}
