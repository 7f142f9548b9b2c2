import type { Outcome, Transaction } from "../flow/behaviour";
import type { Message } from "../flow/message";
import { sleep } from "./backoff";
import { becameDead, type Flight, worked } from "./flight";
import type { Window } from "./pipeline";

/** What a lane needs from its source's host. */
export interface LaneHost {
  /** Sends messages on their way through the version that is current. */
  begin(messages: readonly Message[]): Flight;
  /** How much may be on its way at once through the version that is current. */
  window(): Window;
  /** Begins a transaction, in a flow that is exactly once; `null` when its lane is over. Never rejects. */
  transact(lane: string, epoch: number): Promise<Transaction | null> | undefined;
  /** `false` = cut before its messages were safe. Never rejects. */
  deliver(flight: Flight): Promise<boolean>;
  settle(lane: string, epoch: number, position: string, outcome: Outcome): void;
  /** Hands a message back that was not worked. */
  release(lane: string, epoch: number, position: string): void;
}

/** One ordered stream inside a source, under one epoch. */
export interface Lane {
  readonly name: string;
  readonly epoch: number;
  /** Messages handed over and not yet settled. */
  readonly inFlight: number;
  /** The source waits for room. */
  readonly full: boolean;
  readonly lastProgressAt: number | null;
  readonly position: string | null;
  /** The first that has not ended, once it has begun. */
  readonly oldest: Flight | undefined;
  /** Of a flight that has ended. */
  readonly lastFailure: Flight["lastFailure"];
  /** Takes messages; resolves when there is room for more. Never rejects. */
  deliver(messages: readonly Message[]): Promise<void>;
  /**
   * Takes nothing more and resolves when nothing of it is being worked. What was handed over and not begun is left to its broker;
   * what is on its way may end within `patienceMs`, what is only tried again and again is cut at once.
   */
  end(patienceMs: number): Promise<void>;
}

/** Waits for flights to end, cutting those that hold now and all others at the deadline. */
export async function endFlights(flights: () => Iterable<Flight>, patienceMs: number): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    let open = 0;
    for (const flight of flights()) {
      open++;
      flight.isWinding = true;
      if (flight.isHeld || performance.now() - startedAt >= patienceMs) flight.cut();
    }
    if (open === 0) return;
    await sleep(performance.now() - startedAt < 50 ? 2 : 20);
  }
}

/** How a source message ended: dead when any part of it is, dropped when nothing of it was written or called. */
export function readOutcome(marks: number): Outcome {
  if (marks & becameDead) return "dead";
  return marks & worked ? "done" : "dropped";
}

/** Those who wait until there is room. */
export class RoomWaiters {
  #waiting: (() => void)[] = [];

  get any(): boolean {
    return this.#waiting.length > 0;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  admit(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
