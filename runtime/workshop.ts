import type { Behaviour, SourceBehaviour } from "../flow/behaviour";
import type { ReceivedKeys } from "../flow/received-keys";
import type { Connections } from "./connections";
import type { Delivery } from "./delivery";
import type { HeldStores } from "./holding/held-stores";
import type { Neighbours, OpenKeeper } from "./holding/ports";
import type { Log } from "./log";
import type { DueStore } from "./parked-source";
import type { ParkingStore } from "./parking";
import type { Recordings } from "./recordings";
import type { RedriveStore } from "./redrive";
import type { LeaseStore } from "./stores/leases";

/** What deployments share in a worker. */
export interface Workshop {
  /** Names this worker; short, as people see it in names of lanes and groups. */
  readonly worker: string;
  readonly connections: Connections;
  readonly delivery: Delivery;
  readonly leases: LeaseStore;
  readonly redrive: RedriveStore;
  readonly parked: ParkingStore & DueStore;
  readonly receivedKeys: ReceivedKeys;
  readonly held: HeldStores;
  readonly openKeeper: OpenKeeper;
  readonly neighbours: Neighbours;
  readonly log: Log;
  behaviourOf(kind: string): Behaviour | undefined;
  /** The stored document of a version. */
  document(flowId: string, version: number): Promise<unknown>;
  /** Connections in which versions of a flow hold; `undefined`: in Postgres. */
  holdingPlaces(flowId: string): Promise<(string | undefined)[]>;
  tracesDropped(flowId: string): number;
  /** What is recorded for a time; absent: nothing is. */
  readonly recordings?: Recordings;
}

/** @throws Error for a kind that this worker does not know. */
export function findBehaviour(workshop: Workshop, kind: string): Behaviour {
  const behaviour = workshop.behaviourOf(kind);
  if (!behaviour) throw new Error(`This worker does not know the kind "${kind}".`);
  return behaviour;
}

/** @throws Error for a kind that this worker does not know as a source. */
export function findSource(workshop: Workshop, kind: string): SourceBehaviour<never> {
  const behaviour = findBehaviour(workshop, kind);
  if (behaviour.role !== "source") throw new Error(`The kind "${kind}" is no source.`);
  return behaviour;
}
