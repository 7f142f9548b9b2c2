"use client";

import { Hourglass, OctagonAlert } from "lucide-react";
import Link from "next/link";
import { findKind } from "../drawing/kinds";
import { formatCompact, formatPlural } from "../ui/formats";

/** How many messages or sagas a node holds, with the way to the sagas. Nothing while it holds none. */
export function HeldPill(props: { flow: string; node: string; kind: string; count: number; stuck: number }) {
  const { flow, node, kind, count, stuck } = props;
  if (count === 0) return null;
  const className =
    "nodrag flex h-[22px] items-center gap-1 rounded-full border border-line-strong bg-surface px-2 text-12 text-muted shadow-node";
  const sagas = `/flows/${encodeURIComponent(flow)}/sagas?step=${encodeURIComponent(node)}`;
  if (stuck > 0) {
    return (
      <Link
        href={`${sagas}&status=stuck`}
        className={`${className} !border-bad !text-bad hover:underline`}
        title={`${formatPlural(stuck, "saga")} of those that stand here ${stuck === 1 ? "is" : "are"} stuck, here or elsewhere`}
        data-testid="held"
      >
        <OctagonAlert className="size-3" aria-hidden />
        {formatCompact(stuck)} stuck
      </Link>
    );
  }
  const holdsMessages = findKind(kind)?.holds === "message";
  const content = (
    <>
      <Hourglass className="size-3" aria-hidden />
      {formatCompact(count)}
      <span className="sr-only"> held here</span>
    </>
  );
  if (holdsMessages) {
    return (
      <span className={className} title={`${formatPlural(count, "message")} held here`} data-testid="held">
        {content}
      </span>
    );
  }
  return (
    <Link
      href={sagas}
      className={`${className} hover:border-accent hover:text-accent`}
      title={`${formatPlural(count, "saga")} ${count === 1 ? "stands" : "stand"} here`}
      data-testid="held"
    >
      {content}
    </Link>
  );
}
