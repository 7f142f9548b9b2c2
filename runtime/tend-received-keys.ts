import { describeError, type Log } from "./log";
import type { PostgresReceivedKeys } from "./stores/received-keys";

const tendIntervalMs = 300_000;

/** Forgets received keys that are past their time or their limit. Safe in several workers at once. Returns how to end it. */
export function tendReceivedKeys(
  keys: Pick<PostgresReceivedKeys, "forgetExpired" | "forgetBeyondLimit">,
  log: Log,
): () => void {
  let timer: NodeJS.Timeout;
  let ended = false;
  const tend = async () => {
    try {
      const expired = await keys.forgetExpired();
      if (expired > 0) log.info({ keys: expired }, "forgot received keys past their time");
      for (const { scope, forgotten } of await keys.forgetBeyondLimit()) {
        log.warn({ scope, keys: forgotten }, "forgot received keys before their time: there are more than their limit");
      }
    } catch (error) {
      log.warn(describeError(error), "received keys could not be tended");
    }
    if (!ended) timer = setTimeout(() => void tend(), tendIntervalMs).unref();
  };
  void tend();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
