import "server-only";
import type { Db } from "../database";

/** From when to when a version was deployed; without an end it is still. */
export interface DeployedPeriod {
  from: Date;
  to: Date | null;
}

/** What was done to a deployment, the oldest first. */
interface Event {
  action: string;
  version: number;
  at: Date;
}

/** When each version was deployed, the newest period first. */
export async function findDeployedPeriods(db: Db, deploymentId: string): Promise<Map<number, DeployedPeriod[]>> {
  const events = await db.deploymentEvent.findMany({
    where: { deploymentId },
    select: { action: true, version: true, at: true },
    orderBy: { revision: "asc" },
  });
  return readPeriods(events);
}

/** Periods of the versions by what was done. A version that is deployed over itself goes on. */
export function readPeriods(events: readonly Event[]): Map<number, DeployedPeriod[]> {
  const periods = new Map<number, DeployedPeriod[]>();
  let running: number | null = null;
  for (const { action, version, at } of events) {
    if (action !== "stop" && running === version) continue;
    const ended = running === null ? undefined : periods.get(running)?.[0];
    if (ended) ended.to = at;
    running = action === "stop" ? null : version;
    if (running !== null) periods.set(version, [{ from: at, to: null }, ...(periods.get(version) ?? [])]);
  }
  return periods;
}
