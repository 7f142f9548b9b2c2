import type * as z from "zod";
import type { ConnectionKindName } from "./connection-ports";
import type { Rest } from "./durability";
import type { PlaceKind, PlaceType } from "./place";

/** A connection kind: schema, secret fields, places and what it guarantees. The port's type is named in `connection-ports.ts`. */
export interface ConnectionKind<Config = unknown> {
  readonly kind: ConnectionKindName;
  readonly label: string;
  readonly summary: string;
  readonly icon: string;
  /** Fields that are not secret; shown in the browser. */
  readonly config: z.ZodType<Config>;
  /** The field that says where it leads, and what it means when that is empty: `The Redis that the worker was started with`. */
  readonly address: { readonly field: string; readonly whenEmpty: string };
  /** Fields that are: stored encrypted, never sent to a browser, shown as set or not set. `when`: asked for only where the config says so. */
  readonly secrets: readonly {
    readonly name: string;
    readonly title: string;
    readonly help?: string;
    readonly when?: { readonly field: string; readonly is: readonly string[] };
  }[];
  /** Cross-field rules, with the names of the secrets that are set: what is missing, in words; empty when it is whole. */
  missing(config: Config, secretsSet: readonly string[]): string[];
  /** What a message on it survives, in words for `semantics`. */
  readonly guarantees: string;
  /** The types of places that it has. Empty for an endpoint that is no broker. */
  readonly places: readonly PlaceKind[];
  /** Dead letters may also be written to its places of this type; its transport has `forward`. */
  readonly deadLettersTo?: PlaceType;
  /** Sources on it that are told apart by a name which stays on the broker: what those names are called, `consumer groups`. */
  readonly groups?: string;
  /** Who tells what is kept: each place (`describe` of the transport), the server for all of them (`keeping`). Absent: nobody. */
  readonly keepingToldBy?: readonly ("places" | "server")[];
  /**
   * How safely a message rests at one of its places, before it is read (`source`) or once it is written (`sink`), from what was told.
   * `undefined`: what was told does not say.
   */
  describeRest?(role: "source" | "sink", told: Told): Rest | undefined;
  /** Flows may hold in it (its transport has `redis`): how safely what is held rests there, from what its server told. */
  describeHeld?(name: string, server: unknown): Rest | undefined;
}

/** What was told about one place, as the transport of the same kind has it in `Place.keeps` and from `keeping`. */
export interface Told {
  readonly place?: unknown;
  readonly server?: unknown;
}

export function defineConnectionKind<Schema extends z.ZodType>(
  kind: Omit<ConnectionKind<z.output<Schema>>, "config"> & { readonly config: Schema },
): ConnectionKind<z.output<Schema>> {
  return kind as unknown as ConnectionKind<z.output<Schema>>;
}
