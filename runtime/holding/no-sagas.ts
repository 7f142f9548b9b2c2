import { retryDependency } from "../../flow/verdict";
import type { OpenKeeper } from "./ports";

/** Of a worker that carries out no sagas: what would start or reach one waits. */
export const openNoSagas: OpenKeeper = () => ({
  room: 0,
  take: () => {},
  inHand: () => [],
  start: async (_at, messages) => messages.map(() => notHere),
  answer: async (_at, messages) => messages.map(() => notHere),
  arrive: async (_at, messages) => messages.map(() => notHere),
  act: async () => ({ done: false, why: "unknown-saga", words: notHere.cause.message }),
  stop: async () => {},
});

const notHere = retryDependency("sagas-missing", "This worker carries out no sagas.");
