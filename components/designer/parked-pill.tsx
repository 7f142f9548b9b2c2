"use client";

import { Clock } from "lucide-react";
import Link from "next/link";
import { wordsOfWaiting } from "../parked/parked-words";

/** How many messages wait at a node for a later try, with the way to them. Nothing while there are none. */
export function ParkedPill({ flow, node, count }: { flow: string; node: string; count: number }) {
  if (count === 0) return null;
  return (
    <Link
      href={`/dead-letters/parked?flow=${encodeURIComponent(flow)}&node=${encodeURIComponent(node)}`}
      className="nodrag inline-flex items-center gap-1 rounded-full bg-warn-soft px-2 py-0.5 text-12 text-warn hover:underline"
    >
      <Clock className="size-3" aria-hidden />
      {wordsOfWaiting(count)}
    </Link>
  );
}
