import { jsonCodec } from "../flow/codecs/json";
import type { Answers, PersonEvent, Question, SagaActOutcome } from "../flow/control";
import type { SagaEvent } from "../flow/saga/state";
import type { Cause } from "../flow/verdict";
import type { ActAnswer, SagaKeeper } from "./holding/ports";

/** Tells a keeper what persons do to its sagas: those of one saga one after another, sagas side by side, as their writes go in one. */
export async function actOnSagas(
  keeper: Pick<SagaKeeper, "act">,
  acts: Question<"saga-act">["acts"],
): Promise<Answers["saga-act"]> {
  const lines = new Map<string, Promise<unknown>>();
  const outcomes = acts.map(({ saga, event }) => {
    const outcome = (lines.get(saga) ?? Promise.resolve()).then(() => actOnOne(keeper, saga, event));
    lines.set(saga, outcome);
    return outcome;
  });
  return { outcomes: await Promise.all(outcomes) };
}

async function actOnOne(keeper: Pick<SagaKeeper, "act">, saga: string, told: PersonEvent): Promise<SagaActOutcome> {
  const event = readEvent(told);
  if (!event) return { ok: false, cause: { code: "body-invalid", message: "The result is not JSON." } };
  const answer = await keeper.act(saga, event);
  return answer.done ? { ok: true, status: answer.status } : { ok: false, cause: explain(answer) };
}

/** Null for a result that is no JSON. */
function readEvent(told: PersonEvent): SagaEvent | null {
  switch (told.is) {
    case "complete":
      try {
        return { ...told, result: jsonCodec.decode(new TextEncoder().encode(told.result)) };
      } catch {
        return null;
      }
    case "decide": {
      const { words, ...decision } = told;
      return words === undefined ? decision : { ...decision, words };
    }
    default:
      return told;
  }
}

const codes = {
  late: "saga-act-late",
  "unknown-node": "saga-act-unfit",
  "not-now": "saga-act-unfit",
  "nothing-due": "saga-act-unfit",
  ended: "saga-ended",
  "unknown-saga": "saga-missing",
  "store-unreachable": "store-unreachable",
  busy: "saga-busy",
} as const satisfies Record<Extract<ActAnswer, { done: false }>["why"], string>;

function explain({ why, words }: Extract<ActAnswer, { done: false }>): Cause {
  return { code: codes[why], message: words };
}
