import { setPath } from "../../flow/body-path";
import type { HoldingPort } from "../../flow/holding";
import { done, type Verdict } from "../../flow/verdict";
import { toFailure } from "../node-failure";
import type { Visits } from "./visits";

/** Holds nothing: what only a clock holds goes on behind it, all else ends there with words. */
export function makeTrialHolding(visits: Visits): HoldingPort {
  const end = (why: string, until?: number): Verdict => {
    visits.current.effect = { is: "would-hold", why, ...(until === undefined ? {} : { until }) };
    return done;
  };
  return {
    hold: async (requests) =>
      requests.map(({ message, port, dueAt, awaits, into }) => {
        try {
          // As where it is held in earnest: what comes later has to fit, and its bytes must be had.
          if (into) setPath(message.body, into, null);
          void message.value;
        } catch (error) {
          return toFailure(error);
        }
        if (awaits !== undefined) return end(`It waits here for “${awaits}”.`, dueAt ?? undefined);
        if (dueAt === null) return end("It waits here.");
        visits.current.onward = { message, port, at: dueAt };
        return { ...end("It goes on when its time has come.", dueAt), note: { until: new Date(dueAt).toISOString() } };
      }),
    release: async (requests) =>
      requests.map(({ message, value }) => {
        try {
          void message.body;
        } catch (error) {
          return toFailure(error);
        }
        return end(`It lets go what waits here for “${value}”. In a trial nothing waits.`);
      }),
    start: async (requests) =>
      requests.map(({ key }) => end(`It starts the saga “${key}”, whose steps run in a flow that is deployed.`)),
    answer: async (requests) =>
      requests.map(({ correlationId }) =>
        end(
          `It answers a command of a saga${correlationId === null ? "" : ` (${correlationId})`}. In a trial there is none.`,
        ),
      ),
    arrive: async (requests) =>
      requests.map(({ value }) =>
        end(`It is an event for the sagas that wait here for “${value}”. In a trial there are none.`),
      ),
  };
}
