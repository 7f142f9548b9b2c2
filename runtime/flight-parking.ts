import { randomUUID } from "node:crypto";
import type { Failure } from "../flow/verdict";
import { makeDeadLetter } from "./dead-letter";
import type { Flight, Place, StageWork } from "./flight";
import { nameOrder, type ParkedMessage, waitsBehind } from "./parking";
import type { RunningStage } from "./pipeline";

/** Does a parked message enter here to be tried again? */
export function isResumedAt(flight: Flight, stage: RunningStage): boolean {
  return flight.resent?.as === "parked" && flight.resumedAt === stage.index;
}

/**
 * Takes a message out of the flight, to be tried when it is due, or after those of its key before it (`null`). From now on later ones of its
 * key wait; what has come through a synchronous step behind it comes again after it.
 */
export function park(flight: Flight, stage: RunningStage, work: StageWork, index: number, dueAt: number | null): void {
  work.parked ??= new Map();
  if (work.parked.has(index)) return;
  const item = work.items.at(index);
  if (dueAt === null) work.results[index] = { verdict: "retry", of: "message", cause: waitsBehind };
  const place = flight.placeOf(item);
  const key = nameOrder(item.message);
  const orderKey = key ?? nameAlone(place);
  work.parked.set(index, { dueAt, place, orderKey });
  flight.parking!.hold(stage.node, place, orderKey);
  if (stage.work.role !== "sync" || key === null) return;
  const { messages } = work.items;
  for (let later = index + 1; later < messages.length; later++) {
    if (nameOrder(messages[later]!) === key) park(flight, stage, work, later, null);
  }
}

/** What is to be stored of a stage, in the order of its messages. */
export function listParked(flight: Flight, stage: RunningStage, work: StageWork): ParkedMessage[] {
  return [...work.parked!]
    .sort(([left], [right]) => left - right)
    .map(([index, { dueAt, orderKey }]) => {
      const { cause } = work.results[index] as Failure;
      const id = isResumedAt(flight, stage) ? flight.resent!.id : randomUUID();
      const letter = makeDeadLetter(flight, stage.node, work.items.at(index), cause, work.attempts?.get(index) ?? 0);
      return { ...letter, id, dueAt, orderKey };
    });
}

/** The flight is over: what was stored may be tried, and nothing waits behind what a cut kept from being stored. */
export function endParking(flight: Flight): void {
  const { parking } = flight;
  if (!parking) return;
  if (flight.parkedIds) parking.release(flight.parkedIds);
  if (!flight.isCut) return;
  for (const { index, node } of flight.pipeline.stages) {
    const work = flight.work[index];
    if (!work?.parked || work.isParkedKept) continue;
    for (const { place, orderKey } of work.parked.values()) parking.letGo(node, place, orderKey);
  }
}

/** Of a message without a key: it waits by itself. */
function nameAlone({ position, part }: Place): string {
  return `p${position}/${part}`;
}
