"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/context";
import { Callout } from "../ui/callout";
import { formatPlural } from "../ui/formats";

/** Dead letters that are not yet where their flow wants them written, too, and those that never will be. */
export function ForwardNote({ flow }: { flow: string | undefined }) {
  const trpc = useTRPC();
  const forwards = useQuery(trpc.deadLetters.forwards.queryOptions(flow ? { flow } : {}, { refetchInterval: 5_000 }));
  // One that waits for a second is on its way; with a cause it waits for the place.
  const shown = (forwards.data ?? []).filter(({ cause, refused }) => cause !== null || refused > 0);
  if (shown.length === 0) return null;
  return (
    <div className="flex shrink-0 flex-col gap-1 border-b px-4 py-2">
      {shown.map((each) => (
        <Callout key={`${each.flow} ${each.connection} ${each.to}`} tone="warn" title={titleOf(each)}>
          {each.cause} {each.due > 0 ? "They are kept here, and written there when it is back." : null}
        </Callout>
      ))}
    </div>
  );
}

function titleOf({ flow, to, due, refused }: { flow: string; to: string; due: number; refused: number }): string {
  const parts = [
    due > 0 ? `${formatPlural(due, "dead letter")} of ${flow} to be written to ${to}` : "",
    refused > 0 ? `${to} does not take ${formatPlural(refused, "dead letter")} of ${flow}` : "",
  ];
  return parts.filter(Boolean).join("; ");
}
