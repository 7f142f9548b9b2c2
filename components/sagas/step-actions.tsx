"use client";

import type { SagaAction, SagaPermission, SagaView } from "@/server/saga-views";
import { InlineCode } from "../drawing/inline-code";
import { Button } from "../ui/button";

const looks = {
  retry: { label: "Retry now", variant: "primary" },
  complete: { label: "Complete…", variant: "secondary" },
  skip: { label: "Skip…", variant: "secondary" },
  reject: { label: "Reject…", variant: "secondary" },
  approve: { label: "Approve…", variant: "primary" },
} as const;
type NodeAction = keyof typeof looks;
const order: readonly NodeAction[] = ["approve", "reject", "retry", "complete", "skip"];

/** What a person can do at a step as it stands. What the role does not allow stays in sight, with why. */
export function StepActions({
  saga,
  node,
  busy,
  onAct,
}: {
  saga: SagaView;
  node: string;
  busy: boolean;
  onAct(action: SagaAction, node: string): void;
}) {
  const may = saga.may.nodes[node] ?? {};
  const offered = order.flatMap((action): [NodeAction, SagaPermission][] => {
    const permission = may[action];
    return permission ? [[action, permission]] : [];
  });
  if (offered.length === 0) return null;
  const visit = saga.state.visits.find((each) => each.node === node);
  const refused = offered.flatMap(([, permission]) => (permission.ok ? [] : [permission.why]));
  return (
    <div className="flex flex-col gap-2 border-b px-4 pb-3">
      {visit?.question ? <Question text={visit.question} /> : null}
      <div className="flex flex-wrap gap-2">
        {offered.map(([action, permission]) => (
          <Button
            key={action}
            variant={looks[action].variant}
            disabled={!permission.ok || busy}
            onClick={() => onAct(action, node)}
          >
            {looks[action].label}
          </Button>
        ))}
      </div>
      {refused.length > 0 ? (
        <p className="text-12 text-muted">
          <InlineCode text={refused[0]!} />
        </p>
      ) : null}
    </div>
  );
}

/** What a person is asked, with the saga's data in its words. */
export function Question({ text }: { text: string }) {
  return <p className="break-words rounded-md bg-warn-soft px-3 py-2">{text}</p>;
}
