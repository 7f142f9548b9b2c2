import { useQuery } from "@tanstack/react-query";
import type { PlaceKind } from "@/flow/place";
import { useTRPC } from "../trpc/context";
import { useTyped } from "../ui/use-typed";

/** The places that a broker lists, and the one that is named: some list none, and all tell of a name. */
export function useBrokerPlaces(connection: string | undefined, kind: PlaceKind, name: string) {
  const trpc = useTRPC();
  const asked = useTyped(name);
  const list = useQuery({
    ...trpc.connections.places.queryOptions({ name: connection ?? "" }),
    enabled: Boolean(connection),
    staleTime: 10_000,
  });
  const all = (list.data?.places ?? []).filter(({ type }) => type === kind.type);
  const listed = all.find((place) => place.name === name);
  const isWhole = list.isSuccess && !list.data.more && !list.data.unlisted;
  const literal = name !== "" && !name.includes("${");
  const named = useQuery({
    ...trpc.connections.places.queryOptions({ name: connection ?? "", prefix: asked }),
    enabled: list.isSuccess && !isWhole && literal && !listed && asked === name,
    staleTime: 10_000,
  });
  const answer = literal && asked === name ? named.data : undefined;
  const found = listed ?? answer?.places.find((place) => place.type === kind.type && place.name === name);
  return { list, all, found, missing: literal && !found && (isWhole || answer !== undefined) };
}
