import type { EarlierCause } from "../flow/run-detail";
import type { Cause } from "../flow/verdict";
import { isFailure } from "../flow/verdict";
import type { Flight, StageWork } from "./flight";
import type { Item } from "./items";

const maxCauses = 20;

/** What went wrong with a message before it was given up on with `last`, the first of it first. */
export function readEarlierCauses(flight: Flight, node: string, item: Item, last: Cause): EarlierCause[] {
  const chain: EarlierCause[] = [];
  const add = (at: string, { code, message }: Cause) => {
    const before = chain.at(-1);
    if (before?.node === at && before.code === code && before.message === message)
      chain[chain.length - 1] = { ...before, times: before.times + 1 };
    else chain.push({ node: at, code, message, times: 1 });
  };
  const way: Item[] = [];
  for (let at: Item | null = item; at; at = at.parent) way.unshift(at);
  for (const at of way) {
    for (const { stage, work, index } of findWork(flight, at)) {
      for (const { cause } of work.tries?.get(index)?.failed ?? []) add(stage, cause);
      const result = work.results[index];
      if (at !== item && result && isFailure(result)) add(stage, result.cause);
    }
  }
  // The same again and again: the number of attempts says so.
  const end = chain.at(-1);
  if (end?.node === node && end.code === last.code && end.message === last.message) chain.pop();
  return chain.slice(-maxCauses);
}

/** Where an item was worked, and something failed: a step that hands its message on hands its item on. */
function* findWork(flight: Flight, item: Item): Generator<{ stage: string; work: StageWork; index: number }> {
  for (const { index: at, node, errorWired } of flight.pipeline.stages) {
    const work = flight.work[at];
    if (!work || (work.tries === null && !errorWired)) continue;
    const index = work.items.indexOf(item);
    if (index >= 0) yield { stage: node, work, index };
  }
}
