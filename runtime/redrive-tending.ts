import type pg from "pg";
import { chooseNext } from "../prisma/choose-letters";
import type { PrismaClient } from "../prisma/generated/client";
import { sleep } from "./backoff";
import { describeError, type Log } from "./log";
import { staleAfterMs } from "./redrive";
import { endRedrives, returnAbandoned, takePlanned } from "./stores/redrive-ends";

const everyMs = 1_000;
/** Letters of one redrive are chosen for so long before another look is taken at the others. */
const chooseForMs = 1_000;
const returnEveryMs = 5_000;

/**
 * Brings redrives on that need no running flow: chooses what the web process left to choose, and notes their ends. Every worker does it;
 * each step is one transaction that the others pass over. Answers how to end it.
 */
export function tendRedrives(prisma: PrismaClient, pool: pg.Pool, environment: string, log: Log): () => void {
  const abort = new AbortController();
  void follow();
  return () => abort.abort();

  async function follow(): Promise<void> {
    let failing = false;
    let returnAt = 0;
    while (!abort.signal.aborted) {
      try {
        await chooseForAWhile();
        await endRedrives(pool, environment);
        if (performance.now() >= returnAt) {
          await returnAbandoned(pool, environment, staleAfterMs);
          returnAt = performance.now() + returnEveryMs;
        }
        failing = false;
      } catch (error) {
        if (!failing) log.warn(describeError(error), "redrives cannot be brought on yet");
        failing = true;
      }
      await sleep(everyMs, abort.signal);
    }
  }

  async function chooseForAWhile(): Promise<void> {
    const id = await takePlanned(pool, environment);
    if (id === undefined) return;
    const until = performance.now() + chooseForMs;
    while (!abort.signal.aborted && (await chooseNext(prisma, id))) if (performance.now() > until) break;
  }
}
