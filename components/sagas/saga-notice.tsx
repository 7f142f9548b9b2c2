"use client";

import { CircleAlert, Undo2, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import type { SagaView } from "@/server/saga-views";
import { InlineCode } from "../drawing/inline-code";
import { titleOf } from "../runs/run-titles";
import { Button } from "../ui/button";
import type { SagaPlace } from "./saga-place";
import { describeReason } from "./saga-story";

/** Under the header: who is asked for what, and why the saga went back. */
export function SagaNotice({ saga, onSelect }: { saga: SagaView; onSelect(place: SagaPlace): void }) {
  const { state, document } = saga;
  const name = (node: string) => titleOf(document, node);
  const reason = describeReason(state, name);
  const approvals = state.visits.filter(({ asks }) => asks !== undefined);
  return (
    <>
      {state.visits.map((visit) => {
        const side = visit.undo?.state === "stuck" ? "compensation" : visit.state === "stuck" ? "action" : null;
        if (!side) return null;
        const cause = side === "action" ? visit.cause : visit.undo?.cause;
        return (
          <Line
            key={visit.node}
            look="bg-bad-soft"
            icon={<CircleAlert className="size-4 shrink-0 text-bad" aria-hidden />}
            onShow={() => onSelect({ node: visit.node, side })}
          >
            <b className="font-semibold">
              {side === "action" ? `${name(visit.node)} is stuck.` : `${name(visit.node)} could not be undone.`}
            </b>{" "}
            {cause ? <InlineCode text={cause.message} /> : null}{" "}
            {side === "action"
              ? "Retry it, skip it, or complete it with a result."
              : "Retry it, skip it, or complete it."}
          </Line>
        );
      })}
      {approvals.map(({ node, question }) => (
        <Line
          key={node}
          look="bg-warn-soft"
          icon={<UserRound className="size-4 shrink-0 text-warn" aria-hidden />}
          onShow={() => onSelect({ node })}
        >
          <b className="font-semibold">{name(node)} asks a person.</b> {question}
        </Line>
      ))}
      {reason ? (
        <Line
          look="bg-undo-soft"
          icon={<Undo2 className="size-4 shrink-0 text-undo" aria-hidden />}
          {...(state.reason?.node
            ? { onShow: () => onSelect({ node: state.reason!.node!, side: "action" as const }) }
            : {})}
        >
          <b className="font-semibold">
            {state.outcome === "compensated" ? "Was taken back." : "Is being taken back."}
          </b>{" "}
          <InlineCode text={reason} />
        </Line>
      ) : null}
    </>
  );
}

function Line({
  look,
  icon,
  onShow,
  children,
}: {
  look: string;
  icon: ReactNode;
  onShow?: () => void;
  children: ReactNode;
}) {
  return (
    <div className={`flex min-h-9 items-center gap-2.5 border-b px-4 py-1.5 ${look}`}>
      {icon}
      <p className="min-w-0 flex-1 break-words">{children}</p>
      {onShow ? (
        <Button size="sm" variant="ghost" onClick={onShow}>
          Show
        </Button>
      ) : null}
    </div>
  );
}
