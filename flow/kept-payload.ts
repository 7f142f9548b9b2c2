import { type Payload, type RunDetail, runLimits } from "./run-detail";

/** Why what is kept is not the message as it was, in words; `null` when it is. */
export function explainCut({ truncated, partial, key, headers }: Payload): string | null {
  if (truncated) return "Only the beginning of the message was kept: it is too long to be sent again from here.";
  // Runs of before `partial` was marked tell it by their limits alone.
  const isLong = (text: string | null) => (text?.length ?? 0) >= 1_024;
  const isCut = partial === true || headers.length >= 50 || [key, ...headers.map(([, text]) => text)].some(isLong);
  return isCut
    ? "Its key or headers were not kept whole: they are long, many, or no text. Send it again where it lies."
    : null;
}

/** The message as it came to the flow by its source, where it was kept whole. */
export function findOriginal({ steps: [first], payloads }: RunDetail, source: string): Payload | undefined {
  const payload = first?.node === source ? payloads[first.in ?? first.out[0]?.payload ?? -1] : undefined;
  return payload && explainCut(payload) === null ? payload : undefined;
}

/** What went into a step of a run, where it was kept whole; else why it cannot be sent. */
export function findStepInput({ steps, payloads }: RunDetail, step: number): { payload: Payload } | { why: string } {
  const work = steps[step];
  if (!work) return { why: "The run has no such step." };
  if (work.unkept) return { why: "The run kept nothing of what came to this step: more was made of its message." };
  if (work.in === null) return { why: "Here the message came in: send it again from its source." };
  const payload = payloads[work.in];
  if (!payload) return { why: "Nothing of what came to this step was kept." };
  // Of before steps were marked for it, those behind the last payload that was kept share that one.
  const isMarked = steps.some(
    ({ unkept, out, moreOut }) => unkept || moreOut || out.some((left) => left.payload === null),
  );
  if (!isMarked && payloads.length === runLimits.payloads && work.in === payloads.length - 1)
    return { why: "More was made of this message than is kept of a run, so it is not certain what came to this step." };
  const why = explainCut(payload);
  return why === null ? { payload } : { why };
}
