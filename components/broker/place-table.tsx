import type { Place } from "@/flow/connection-ports";
import { formatCount } from "../ui/formats";
import { Table, Td, Th, Tr } from "../ui/table";

/** States of jobs as BullMQ names them, in the order in which a job goes through them, and as they are shown. */
const jobStates: readonly [state: string, label: string][] = [
  ["wait", "Waiting"],
  ["waiting", "Waiting"],
  ["prioritized", "Prioritized"],
  ["delayed", "Delayed"],
  ["active", "Active"],
  ["completed", "Completed"],
  ["failed", "Failed"],
  ["paused", "Paused"],
];

export function PlaceTable({
  places,
  topics,
  current,
  onOpen,
}: {
  places: readonly Place[];
  topics: boolean;
  current: string | null;
  onOpen(name: string): void;
}) {
  const states = jobStates.filter(([state]) => places.some((place) => place.counts?.[state] !== undefined));
  return (
    <Table className="bg-surface">
      <thead>
        <tr>
          <Th>{topics ? "Topic" : "Queue"}</Th>
          {topics ? (
            <>
              <Th className="w-28" align="right">
                Partitions
              </Th>
              <Th className="w-36" align="right">
                Messages kept
              </Th>
            </>
          ) : states.length > 0 ? (
            states.map(([state, label]) => (
              <Th key={state} className="w-24" align="right">
                {label}
              </Th>
            ))
          ) : (
            <Th className="w-28" align="right">
              Jobs
            </Th>
          )}
        </tr>
      </thead>
      <tbody>
        {places.map((place) => (
          <Tr
            key={place.name}
            selected={place.name === current}
            className="cursor-pointer"
            onClick={() => onOpen(place.name)}
          >
            <Td>
              <button type="button" className="font-mono text-12 hover:underline">
                {place.name}
              </button>
            </Td>
            {topics ? (
              <>
                <Td align="right" className="font-mono text-12">
                  {formatCount(place.partitions)}
                </Td>
                <Td align="right" className="font-mono text-12">
                  {formatCount(place.messages)}
                </Td>
              </>
            ) : states.length > 0 ? (
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
