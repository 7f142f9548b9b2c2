import type { HeldStore } from "../flow/holding";
import { describeError, type Log } from "./log";

const tendIntervalMs = 300_000;
/** Right after a start there is other work. */
const firstAfterMs = 20_000;

/** Forgets sagas that have ended, and what came for nobody, past their time. Safe in several workers at once. Returns how to end it. */
export function tendHeld(store: Pick<HeldStore, "forgetExpired">, log: Log): () => void {
  const tend = async () => {
    try {
      const forgotten = await store.forgetExpired(Date.now());
      if (forgotten > 0) log.info({ forgotten }, "forgot sagas and early arrivals past their time");
    } catch (error) {
      log.warn(describeError(error), "what was held could not be tended");
    }
    if (!ended) timer = setTimeout(() => void tend(), tendIntervalMs).unref();
  };
  let ended = false;
  let timer = setTimeout(() => void tend(), firstAfterMs).unref();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
