import type * as z from "zod";
import type { ConnectionKindName } from "./connection-ports";

/** A connection kind: schema, secret fields and what it guarantees. The port's type is in `connection-ports.ts`. */
export interface ConnectionKind<Config = unknown> {
  readonly kind: ConnectionKindName;
  readonly label: string;
  readonly summary: string;
  readonly icon: string;
  /** Fields that are not secret; shown in the browser. */
  readonly config: z.ZodType<Config>;
  /** Fields that are: stored encrypted, never sent to a browser, shown as set or not set. */
  readonly secrets: readonly { readonly name: string; readonly title: string; readonly help?: string }[];
  /** Cross-field rules, with the names of the secrets that are set: what is missing, in words; empty when it is whole. */
  missing(config: Config, secretsSet: readonly string[]): string[];
  /** What a message on it survives, in words for `semantics`. */
  readonly guarantees: string;
}

export function defineConnectionKind<Schema extends z.ZodType>(
  kind: Omit<ConnectionKind<z.output<Schema>>, "config"> & { readonly config: Schema },
): ConnectionKind<z.output<Schema>> {
  return kind as unknown as ConnectionKind<z.output<Schema>>;
}
