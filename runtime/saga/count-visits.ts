import type { SagaState } from "../../flow/saga/state";
import type { HeldVersion } from "../holding/ports";
import { isUnbegun } from "./unbegun";

/**
 * Counts the nodes that a saga has come to and left with a transition, as messages are counted at other nodes; as it begins, that it leaves
 * its start.
 */
export function countVisits(before: SagaState | null, after: SagaState, version: HeldVersion, start: string): void {
  if ((!before || isUnbegun(before)) && after.visits.length > 0) version.countersOf(start)?.count("out");
  // Visits are added at the end, and none is taken away.
  for (const [index, visit] of after.visits.entries()) {
    const known = before?.visits[index];
    if (known === visit) continue;
    const counters = version.countersOf(visit.node);
    if (!counters) continue;
    if (!known) counters.in++;
    if (known?.state === visit.state) continue;
    if (visit.state === "failed") counters.failed++;
    if ((visit.state === "done" || visit.state === "failed" || visit.state === "skipped") && visit.port !== undefined)
      counters.count(visit.port);
  }
}
