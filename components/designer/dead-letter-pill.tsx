"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../trpc/context";
import { formatPlural } from "../ui/formats";

/** Dead letters of a node whose flow has some: where nothing is wired to its error port, they are kept. Nothing while there are none. */
export function DeadLetterPill({ flow, node }: { flow: string; node: string }) {
  const trpc = useTRPC();
  const groups = useQuery({
    ...trpc.deadLetters.groups.queryOptions({ flow }),
    refetchInterval: 5_000,
    select: (all) => all.reduce((sum, group) => sum + (group.node === node ? group.count + group.onTheWay : 0), 0),
  });
  const count = groups.data ?? 0;
  if (count === 0) return null;
  return (
    <Link
      href={`/dead-letters?flow=${encodeURIComponent(flow)}&node=${encodeURIComponent(node)}`}
      className="nodrag rounded-full bg-bad-soft px-2 py-0.5 text-12 text-bad hover:underline"
    >
      {formatPlural(count, "dead letter")}
    </Link>
  );
}
