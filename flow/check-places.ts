import { findPlaceKind } from "./connection-catalog";
import type { Place } from "./connection-ports";
import type { NamedPlace } from "./flow-places";
import type { Problem } from "./problems";

/** The places that exist on a connection, of those that were asked about; `unreachable` when its broker could not be asked. */
export type KnownPlaces = readonly Pick<Place, "type" | "name">[] | "unreachable";

/** What is known to be wrong with a place that must be there, without the field that names it. `use` says what it is for. */
export function checkPlace(
  { connection, kind, type, name, made, options }: Omit<NamedPlace, "node" | "field">,
  known: KnownPlaces | undefined,
  use: { readonly meanwhile: string; readonly purpose?: string; readonly where?: string },
): Problem[] {
  if (known === undefined) return [];
  if (known === "unreachable") {
    const message = `The broker of \`${connection}\`${use.where ?? ""} cannot be reached now. ${use.meanwhile}`;
    return [{ code: "broker-unreachable", severity: "warning", message }];
  }
  const place = findPlaceKind(kind, type);
  // What comes to be with its first message, or with the node, has nobody to wait for.
  if (!place?.mustExist || made || kind === undefined) return [];
  if (known.some((each) => each.name === name && each.type === type)) return [];
  const wayOut = place.create ? "Create it, or choose another." : "Make it on the broker, or choose another.";
  return [
    {
      code: `${type}-missing`,
      severity: "error",
      message: `The ${type} \`${name}\`${use.purpose ?? ""} does not exist on \`${connection}\`. ${wayOut}`,
      ...(place.create
        ? { fix: { do: "create-place", connection, kind, type, name, ...(options ? { options } : {}) } }
        : {}),
    },
  ];
}
