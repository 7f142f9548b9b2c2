"use client";

import { useQuery } from "@tanstack/react-query";
import type { Problem } from "@/flow/problems";
import type { SagaImpact } from "@/server/saga-views";
import { InlineCode } from "../drawing/inline-code";
import { useTRPC } from "../trpc/context";
import { Callout } from "../ui/callout";
import { formatPlural } from "../ui/formats";

/** Sagas of a flow in flight, and what would become of them when a version (or the draft) is deployed. Asked only while it is `open`. */
export function useSagaImpact(flow: string, open: boolean, version?: number): SagaImpact | undefined {
  const trpc = useTRPC();
  const input = { flow, ...(version === undefined ? {} : { version }) };
  const options = { staleTime: 0, enabled: open, retry: false };
  return useQuery(trpc.deployments.sagaImpact.queryOptions(input, options)).data;
}

/** What a deploy does to sagas in flight: nothing, each ends as it began. Nothing where there are none. */
export function SagasEndThere({ impact }: { impact: SagaImpact | undefined }) {
  if (!impact || (impact.count === 0 && !impact.move)) return null;
  const moves = impact.move ? (
    <p className="text-muted">
      <InlineCode text={impact.move} />
    </p>
  ) : null;
  if (impact.count === 0) return moves;
  const versions = impact.versions.map(({ version, count }) => `${count} on v${version}`).join(", ");
  return (
    <>
      <p className="text-muted">
        {impact.count === 1 ? "1 saga is" : `${impact.count} sagas are`} in flight and{" "}
        {impact.count === 1 ? "ends" : "end each"} on the version on which {impact.count === 1 ? "it" : "they"} began:{" "}
        {versions}.
      </p>
      {moves}
    </>
  );
}

/** What a stop does to sagas in flight, and to messages that are held. */
export function SagasRest({ impact }: { impact: SagaImpact | undefined }) {
  if (!impact || impact.count + impact.messages === 0) return null;
  const parts = [
    ...(impact.count > 0 ? [formatPlural(impact.count, "saga")] : []),
    ...(impact.messages > 0 ? [formatPlural(impact.messages, "held message")] : []),
  ];
  return (
    <p>
      {parts.join(" and ")} {impact.count + impact.messages === 1 ? "rests" : "rest"} until the flow is deployed again.
    </p>
  );
}

/** Why sagas would be stranded; whoever has read it may go on. */
export function SagasStranded({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <Callout tone="warn" title="What is in flight would be stranded" code="saga-stranded">
      <ul className="flex flex-col gap-1">
        {problems.map(({ message }) => (
          <li key={message}>
            <InlineCode text={message} />
          </li>
        ))}
      </ul>
    </Callout>
  );
}
