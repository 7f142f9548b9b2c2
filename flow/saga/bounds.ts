import type { Cause } from "../verdict";
import type { CommandResult, SagaAttempt, SagaNote, SagaSide } from "./state";

/** What keeps a saga's state small, however long it is tried and however often something comes for it. */
export const notesMax = 100;
export const attemptsMax = 20;
/** The newest attempts of each side keep their request and answer. */
const attemptsWithTextMax = 5;
/** Up to here a note counts how often its thing came. */
export const noteTimesMax = 10;
const textMaxCharacters = 2_000;
const wordsMaxCharacters = 500;

export function cutText(text: string, maxCharacters = textMaxCharacters): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1)}…` : text;
}

export function cutWords(words: string): string {
  return cutText(words, wordsMaxCharacters);
}

export function cutCause({ code, message, detail }: Cause): Cause {
  return { code, message: cutWords(message), ...(detail === undefined ? {} : { detail: cutText(detail) }) };
}

/** With a new attempt at its end; the oldest of its side goes when there are too many. */
export function addAttempt(attempts: readonly SagaAttempt[], attempt: SagaAttempt): SagaAttempt[] {
  const { side } = attempt;
  let newer = attempts.filter((each) => each.side === side).length + 1;
  const kept = attempts.flatMap((each) => {
    if (each.side !== side) return [each];
    newer--;
    if (newer >= attemptsMax) return [];
    if (newer < attemptsWithTextMax || (each.request === undefined && each.answer === undefined)) return [each];
    const { request: _, answer: __, ...rest } = each;
    return [rest];
  });
  return [...kept, attempt];
}

/** With what became of an attempt. An older one that is no longer kept changes nothing. */
export function endAttempt(
  attempts: readonly SagaAttempt[],
  side: SagaSide,
  number: number,
  result: CommandResult,
  now: number,
): readonly SagaAttempt[] {
  const index = attempts.findLastIndex((each) => each.side === side && each.number === number);
  const attempt = attempts[index];
  if (!attempt) return attempts;
  return attempts.with(index, {
    ...attempt,
    endedAt: result.at ?? now,
    ...(result.request === undefined ? {} : { request: cutText(result.request) }),
    ...(result.answerText === undefined ? {} : { answer: cutText(result.answerText) }),
    ...(result.ok ? {} : { cause: cutCause(result.cause) }),
  });
}

/** With an attempt that was held back begun once more: what came of its last try is told no longer. */
export function resumeAttempt(
  attempts: readonly SagaAttempt[],
  side: SagaSide,
  number: number,
): readonly SagaAttempt[] {
  const index = attempts.findLastIndex((each) => each.side === side && each.number === number);
  if (!attempts[index]) return attempts;
  const { endedAt: _, cause: __, answer: ___, ...attempt } = attempts[index];
  return attempts.with(index, { ...attempt, held: (attempt.held ?? 0) + 1 });
}

/** With a note more; what comes by itself, and came before, is counted there. `null`: it is counted no longer. */
export function addNote(notes: readonly SagaNote[], note: SagaNote): readonly SagaNote[] | null {
  if (note.by === undefined) {
    const index = notes.findIndex((each) => each.what === note.what && each.node === note.node);
    const before = notes[index];
    if (before) {
      const times = (before.times ?? 1) + 1;
      return times > noteTimesMax ? null : notes.with(index, { ...before, at: note.at, times });
    }
  }
  return [...notes, note].slice(-notesMax);
}
