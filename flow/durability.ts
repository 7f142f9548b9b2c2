import { findConnectionKind } from "./connection-catalog";
import type { NodeSemantics } from "./kind";
import type { PlaceType } from "./place";

/** What a worker found out about one connection: of its places by their names, and of the server for all of them. */
export interface ConnectionKeeping {
  /** Its connection kind, which alone knows how to read the rest. */
  readonly kind: string;
  readonly places?: { readonly [Type in PlaceType]?: Readonly<Record<string, unknown>> };
  readonly server?: unknown;
}
/** By name of the connection; those that could not be asked are left out. */
export type KeepingFacts = Readonly<Record<string, ConnectionKeeping>>;

/** How safely a message rests somewhere. `weak`: something is lost when the server is killed or the log is cut. `unknown`: nobody could be asked. */
export interface Rest {
  readonly strength: "safe" | "weak" | "unknown";
  /** A sentence. */
  readonly text: string;
  /** What would make it safe, where it is weak. */
  readonly mend?: string;
  /** Weak by the whole cluster, which is there to try things out: told, not marked. */
  readonly usual?: boolean;
}

/** Where the message of a node rests; `undefined` where nothing rests. `facts` are what a worker could find out. */
export function describeRest(
  semantics: NodeSemantics,
  facts: KeepingFacts = {},
  /** The connection in whose Redis the flow holds (`settings.holding`). */
  holdsIn?: string,
): Rest | undefined {
  if (semantics.keptIn) return holdsIn === undefined ? heldInPostgres : describeHeld(holdsIn, facts[holdsIn]);
  const { place } = semantics;
  const told = place && tellOf(place, facts[place.connection]);
  const rest = told && findConnectionKind(facts[place.connection]!.kind)?.describeRest?.(roleOf(semantics), told);
  if (rest) return rest;
  const own = semantics.source?.durability ?? semantics.durability;
  return own === undefined ? undefined : { strength: "unknown", text: own };
}

function tellOf({ type, name }: NonNullable<NodeSemantics["place"]>, kept: ConnectionKeeping | undefined) {
  const place = name === undefined ? undefined : kept?.places?.[type]?.[name];
  return place === undefined && kept?.server === undefined ? undefined : { place, server: kept?.server };
}

const roleOf = ({ source }: NodeSemantics) => (source ? "source" : "sink");

const heldInPostgres: Rest = {
  strength: "safe",
  text: "Held in Postgres, which has it on its disk before it counts.",
};

function describeHeld(connection: string, kept: ConnectionKeeping | undefined): Rest {
  if (kept?.server !== undefined) {
    const rest = findConnectionKind(kept.kind)?.describeHeld?.(connection, kept.server);
    if (rest) return rest;
  }
  const text = `Held in the Redis of \`${connection}\`, which could not be asked what it keeps.`;
  return { strength: "unknown", text };
}
