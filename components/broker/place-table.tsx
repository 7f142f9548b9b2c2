import type { Place } from "@/flow/connection-ports";
import type { PlaceKind } from "@/flow/place";
import { formatCount } from "../ui/formats";
import { Table, Td, Th, Tr } from "../ui/table";

/** The places of a broker with what they hold: their partitions and messages, or the counts that they are by. */
export function PlaceTable({
  places,
  kinds,
  current,
  onOpen,
}: {
  places: readonly Place[];
  /** Types of places that the broker has. */
  kinds: readonly PlaceKind[];
  current: string | null;
  onOpen(name: string): void;
}) {
  const states = kinds
    .flatMap((kind) => kind.states ?? [])
    .filter(([state]) => places.some((place) => place.counts?.[state] !== undefined));
  const partitioned = places.some((place) => place.partitions !== undefined);
  const typed = kinds.length > 1;
  const titleOf = (type: string) => kinds.find((kind) => kind.type === type)?.title ?? type;
  return (
    <Table className="bg-surface">
      <thead>
        <tr>
          <Th>{typed ? "Name" : kinds[0]?.title}</Th>
          {typed ? <Th className="w-28">Type</Th> : null}
          {partitioned ? (
            <Th className="w-28" align="right">
              Partitions
            </Th>
          ) : null}
          {states.length > 0 ? (
            states.map(([state, label]) => (
              <Th key={state} className="w-24" align="right">
                {label}
              </Th>
            ))
          ) : (
            <Th className="w-36" align="right">
              {kinds.find(({ messages }) => messages)?.messages?.title}
            </Th>
          )}
        </tr>
      </thead>
      <tbody>
        {places.map((place) => (
          <Tr
            key={`${place.type} ${place.name}`}
            selected={place.name === current}
            className="cursor-pointer"
            onClick={() => onOpen(place.name)}
          >
            <Td>
              <button type="button" className="font-mono text-12 hover:underline">
                {place.name}
              </button>
            </Td>
            {typed ? <Td className="text-muted">{titleOf(place.type)}</Td> : null}
            {partitioned ? (
              <Td align="right" className="font-mono text-12">
                {formatCount(place.partitions)}
              </Td>
            ) : null}
            {states.length > 0 ? (
              states.map(([state]) => {
                const count = place.counts?.[state] ?? 0;
                return (
                  <Td
                    key={state}
                    align="right"
                    className={`font-mono text-12 ${count === 0 ? "text-faint" : state === "failed" ? "text-bad" : ""}`}
                  >
                    {formatCount(count)}
                  </Td>
                );
              })
            ) : (
              <Td align="right" className="font-mono text-12">
                {formatCount(place.messages)}
              </Td>
            )}
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
