import * as z from "zod";
import { wholeNumber } from "./fields";
import type { CallLimits, CallPolicy } from "./kind";

/** How fast a step calls. */
export const paceFields = {
  perSecond: wholeNumber(
    { min: 0, max: 100_000, initial: 0 },
    { title: "Calls in a second", help: "At most, by each worker. 0: as many as come.", advanced: true },
  ),
};

/** When a service that fails again and again is left alone. */
export const breakerFields = {
  breakAfter: wholeNumber(
    { min: 0, max: 1_000, initial: 10 },
    {
      title: "Open the circuit after",
      help: "So many messages in a row failed: they wait, and one call after a while tells whether the service is back. 0: never.",
      unit: "failures",
      advanced: true,
    },
  ),
  breakMs: wholeNumber(
    { min: 100, max: 600_000, initial: 5_000 },
    {
      title: "Ask again after",
      help: "How long an open circuit waits before its next call.",
      unit: "ms",
      advanced: true,
    },
  ),
};

/** The config fields of every step that calls out; `readCallPolicy` makes of them what the engine keeps to. */
export const callFields = {
  timeoutMs: wholeNumber(
    { min: 1, max: 600_000, initial: 10_000 },
    { title: "Answer within", help: "After that the service counts as away.", unit: "ms", advanced: true },
  ),
  concurrency: wholeNumber(
    { min: 1, max: 1_024, initial: 8 },
    { title: "At once", help: "Calls on their way at once, over all lanes of a worker.", advanced: true },
  ),
  order: z.enum(["key", "lane", "none"]).default("key").meta({
    title: "Order of calls",
    help: "key: those of one key one after another. lane: all of them. none: as they come, and so do they go on.",
    widget: "select",
    advanced: true,
  }),
  ...paceFields,
  ...breakerFields,
};

type CallConfig = { readonly [Field in keyof typeof callFields]: z.output<(typeof callFields)[Field]> };

/** What the engine keeps to, as the config says it. */
export function readCallPolicy(config: CallConfig): CallPolicy {
  const { concurrency, order, timeoutMs } = config;
  return { concurrency, order, timeoutMs, ...readCallLimits(config) };
}

/** As `readCallPolicy`, of what holds for the service, whoever calls it. */
export function readCallLimits(config: Pick<CallConfig, "perSecond" | "breakAfter" | "breakMs">): CallLimits {
  const { perSecond, breakAfter, breakMs } = config;
  return {
    ...(perSecond > 0 ? { perSecond } : {}),
    ...(breakAfter > 0 ? { breaker: { failures: breakAfter, openMs: breakMs } } : {}),
  };
}
