import { setTimeout as sleep } from "node:timers/promises";
import { toMonotonicUs } from "../window";
import { type ProcessorTime, startProcessorTime } from "./processor-time";
import type { ShopServices } from "./services";
import type { OpenSide } from "./side";

export interface Rate {
  readonly perSecond: number;
  /** For each of these sagas. */
  readonly processorMs: ProcessorTime;
  /** What was measured, monotonic, in microseconds: profiles are cut to it. */
  readonly fromUs: number;
  readonly toUs: number;
}
export interface Delays {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const inFlight = 50;
const endTimeoutMs = 120_000;

/** As many sagas as go, so many of them begun and not yet ended at any time; for `seconds`, and until there were `least`. */
export async function measureRate(
  side: OpenSide,
  services: ShopServices,
  prefix: string,
  seconds: number,
  least = 0,
): Promise<Rate> {
  const endProcessorTime = await startProcessorTime(side);
  const startedAt = performance.now();
  const until = startedAt + seconds * 1_000;
  let ended = 0;
  let next = 0;
  const loop = async () => {
    while (performance.now() < until || ended < least) {
      const id = `${prefix}-${next++}`;
      const booked = services.whenBooked(id);
      await side.start(id);
      await booked;
      ended++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  const endedAt = performance.now();
  return {
    perSecond: (ended / (endedAt - startedAt)) * 1_000,
    processorMs: await endProcessorTime(ended),
    fromUs: toMonotonicUs(startedAt),
    toUs: toMonotonicUs(endedAt),
  };
}

/** From the moment at which a saga is asked for to its end by the side's own account, at an even pace. */
export async function measureDelays(
  side: OpenSide,
  prefix: string,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Delays> {
  const begun = new Map<string, number>();
  const starts: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    const waitMs = startedAt + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const id = `${prefix}-${n}`;
    begun.set(id, Date.now());
    starts.push(side.start(id));
  }
  await Promise.all(starts);
  const ids = [...begun.keys()];
  const deadline = Date.now() + endTimeoutMs;
  let ends = await side.readEnds(ids);
  while (ends.size < ids.length) {
    if (Date.now() > deadline) throw new Error(`${ids.length - ends.size} sagas have not ended`);
    await sleep(200);
    ends = await side.readEnds(ids);
  }
  const delays = ids.map((id) => ends.get(id)! - begun.get(id)!).sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))]!;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
