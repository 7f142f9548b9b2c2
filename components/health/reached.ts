import { findConnectionKind } from "@/flow/connection-catalog";
import type { ConnectionHealth } from "@/flow/control";
import type { Rest } from "@/flow/durability";
import type { ConnectionView, LiveView, WorkerView } from "@/server/views";

/** A broker, as the workers find it. */
export interface Reached extends ConnectionHealth {
  /** Of its kind. */
  label: string;
  /** What its server keeps when it is killed, where that says. */
  rest: Rest | undefined;
  /** Workers that cannot reach it, where others can. */
  missedBy: string[];
  /** Flows that should run and name it. */
  runs: string[];
}

const worst: readonly ConnectionHealth["state"][] = ["unreachable", "missing", "ok"];

/** What all living workers say of the brokers, by name; of several workers the worst counts. */
export function readReached(
  workers: readonly WorkerView[],
  flows: readonly LiveView[],
  connections: readonly Pick<ConnectionView, "name" | "usedBy">[],
): Reached[] {
  const told = workers
    .filter(({ alive }) => alive)
    .flatMap(({ id, health }) =>
      ((health.connections ?? []) as readonly ConnectionHealth[]).map((found) => ({ worker: id, found })),
    );
  const running = new Set(flows.filter(({ desired }) => desired === "running").map(({ flow }) => flow));
  return [...new Set(told.map(({ found }) => found.name))].sort().map((name) => {
    const own = told.filter(({ found }) => found.name === name);
    const state = worst.find((each) => own.some(({ found }) => found.state === each))!;
    const shown = own.find(({ found }) => found.state === state)!.found;
    const failing = own.filter(({ found }) => found.state !== "ok");
    const kind = findConnectionKind(shown.kind);
    return {
      ...shown,
      label: kind?.label ?? shown.kind,
      rest: shown.keeping === undefined ? undefined : kind?.describeRest?.("sink", { server: shown.keeping }),
      missedBy: failing.length < own.length ? failing.map(({ worker }) => worker) : [],
      runs: (connections.find((each) => each.name === name)?.usedBy ?? []).filter((flow) => running.has(flow)),
    };
  });
}

/** Is it a Redis that writes nothing to its disk, or removes what it was given? */
export function isWithoutDisk({ keeping }: Pick<ConnectionHealth, "keeping">): boolean {
  if (typeof keeping !== "object" || keeping === null || !("appendOnly" in keeping)) return false;
  return keeping.appendOnly === false || "evicts" in keeping;
}

/** `orders/0, 1, 2`: lanes of one place are told by what differs. */
export function shortenLanes(lanes: readonly string[]): string {
  const byPlace = new Map<string, string[]>();
  for (const lane of lanes) {
    const cut = lane.lastIndexOf("/") + 1;
    byPlace.set(lane.slice(0, cut), [...(byPlace.get(lane.slice(0, cut)) ?? []), lane.slice(cut)]);
  }
  return [...byPlace].map(([place, names]) => `${place}${names.join(", ")}`).join(" · ");
}
