import type { ConnectionKind } from "./connection-kind";
import type { ConnectionKindName } from "./connection-ports";
import { http } from "./connections/http";
import { kafka } from "./connections/kafka";
import { pulsar } from "./connections/pulsar";
import { queue } from "./connections/queue";
import { rabbitmq } from "./connections/rabbitmq";
import { redis } from "./connections/redis";
import type { PlaceKind, PlaceType } from "./place";

/** Every kind of connection, in the order of the Connections page. */
export const connectionKinds: readonly ConnectionKind[] = [kafka, queue, rabbitmq, redis, pulsar, http];

/** The connection kind of that name, or `undefined`. */
export function findConnectionKind(name: string): ConnectionKind | undefined {
  return connectionKinds.find((kind) => kind.kind === (name as ConnectionKindName));
}

/** That type of place on connections of that kind, or `undefined`. */
export function findPlaceKind(connectionKind: string | undefined, type: PlaceType): PlaceKind | undefined {
  return findConnectionKind(connectionKind ?? "")?.places.find((place) => place.type === type);
}
