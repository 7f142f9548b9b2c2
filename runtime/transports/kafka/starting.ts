import type { StartingPlace } from "../../../flow/behaviour";
import type { KafkaQuestions, TopicPartitions, Watermarks } from "./questions";

/**
 * Writes down where a new group begins, for every partition, before anything is consumed: a `latest` that is only decided
 * when a consumer runs would skip what arrives while it does not. A group that has positions already keeps them, and
 * partitions that it does not know appeared later: they begin at the earliest.
 */
export async function pinStart(
  questions: KafkaQuestions,
  topic: TopicPartitions,
  groupId: string,
  start: StartingPlace,
  fallback: "earliest" | "latest",
): Promise<void> {
  const committed = await questions.committed(groupId, topic);
  if (committed.size > 0) return;
  const marks = (await questions.watermarks([topic])).get(topic.topic)!;
  const from = start.from === "kind" ? fallback : start.from;
  const at = start.from === "time" ? await questions.offsetsAt(topic, start.at) : undefined;
  const offsets = new Map<number, number>();
  for (const [partition, { low, high }] of marks) {
    // A time after the newest message has no offset: begin with what comes next.
    offsets.set(partition, from === "earliest" ? low : from === "latest" ? high : (at?.get(partition) ?? high));
  }
  try {
    await questions.commitForEmptyGroup(groupId, topic.topic, offsets);
  } catch (error) {
    // Another worker's member joined in this moment, after it had pinned the same.
    if ((await questions.committed(groupId, topic)).size === 0) throw error;
  }
}

/** Where a partition goes on; `pin` when that must be committed first. */
export type Begin =
  | {
      readonly at: number;
      readonly pin: boolean;
      readonly gone?: number;
      readonly shrank?: boolean;
      readonly anew?: boolean;
    }
  | { readonly halted: true; readonly gone: number };

/**
 * Where to go on in a partition. `settled` is what this process knows to be safe, which the group may not know yet: a
 * broker that was away could not be told.
 */
export function chooseBegin(
  committed: number | undefined,
  settled: number | undefined,
  { low, high }: Watermarks,
  onGap: "halt" | "earliest" | "latest",
): Begin {
  if (committed === undefined && settled === undefined) return { at: low, pin: true };
  // Positions are deleted with their topic.
  if (committed === undefined) return { at: low, pin: true, anew: true };
  const position = Math.max(committed, settled ?? 0);
  // The topic was made anew, or a new leader had less: whatever is there now has not been seen.
  if (position > high) return { at: low, pin: true, shrank: true };
  if (position >= low) return { at: position, pin: false };
  const gone = low - position;
  if (onGap === "halt") return { halted: true, gone };
  return { at: onGap === "earliest" ? low : high, pin: true, gone };
}
