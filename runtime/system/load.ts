import type { Message } from "kafkajs";
import { sleep } from "../backoff";
import { keys, numbered } from "./scenario";
import type { Outsider } from "./topics";

/** Messages fed without a pause while something else goes on. */
export interface Load {
  /** All numbers below this one are written. */
  written(): number;
  /** Ends it at the same number in all partitions. Returns the total. */
  end(): Promise<number>;
}

export interface LoadOptions {
  /** The message of a number; those of one partition must not share a key with another's. */
  readonly make?: (n: number) => Message;
  /** How many messages go in one request. */
  readonly perRequest?: number;
  readonly partitions?: number;
}

/**
 * Feeds a topic as `feed` does, endlessly. One request in flight per partition, each for one partition only: what a plain
 * kafkajs `send` over several partitions acknowledges can be lost when leaders move, and the books would not balance.
 */
export function startLoad(
  outsider: Outsider,
  { topicIn }: { readonly topicIn: string },
  perSecond: number,
  { make = numbered, perRequest = 250, partitions = 4 }: LoadOptions = {},
): Load {
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const [taken, written] = [all.map(() => 0), all.map(() => 0)];
  const everyMs = (perRequest * partitions * 1_000) / perSecond;
  let end = Number.POSITIVE_INFINITY;

  const feedPartition = async (partition: number) => {
    while (taken[partition]! < end) {
      const begun = Date.now();
      const messages: Message[] = [];
      let n = taken[partition]!;
      for (; n < end && messages.length < perRequest; n++) {
        if (partitionOf(n, partitions) === partition) messages.push({ partition, ...make(n) });
      }
      taken[partition] = n;
      await outsider.send(topicIn, messages);
      written[partition] = n;
      if (end === Number.POSITIVE_INFINITY) await sleep(begun + everyMs - Date.now());
    }
  };
  const feeding = Promise.all(all.map(feedPartition));
  // It is `end` that tells of a failure.
  feeding.catch(() => {});
  return {
    written: () => Math.min(...written),
    async end() {
      end = Math.max(...taken);
      await feeding;
      return end;
    },
  };
}

/** Messages of one key go to one partition. */
function partitionOf(n: number, partitions: number): number {
  return (n % keys) % partitions;
}
