import type { HoldingPort } from "../holding";
import { retryDependency, type Verdict } from "../verdict";

/** For tests of what does not hold: every message waits, as if the store were away. */
export const noHolding: HoldingPort = {
  hold: async (messages) => messages.map(away),
  release: async (messages) => messages.map(away),
  start: async (messages) => messages.map(away),
  answer: async (messages) => messages.map(away),
  arrive: async (messages) => messages.map(away),
};

const away = (): Verdict => retryDependency("store-unreachable", "There is no store here.");
