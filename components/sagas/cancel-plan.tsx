import { Clock, Minus, Undo2 } from "lucide-react";
import type { ReactNode } from "react";
import type { SagaView } from "@/server/saga-views";
import { deedsOfNode } from "../drawing/deeds";
import { nodeOf, titleOf } from "../runs/run-titles";
import { planUndo } from "./saga-acts";

/** Which compensations a cancellation would run, the last step's first; what is awaited before, and what stays. */
export function CancelPlan({ saga }: { saga: SagaView }) {
  const { undone, awaited, stay } = planUndo(saga.state, saga.document);
  if (undone.length + awaited.length + stay.length === 0)
    return <p>Nothing took effect yet: nothing has to be undone.</p>;
  return (
    <div className="flex flex-col gap-2">
      <p>
        {undone.length > 0
          ? "What was done is undone, in this order; branches side by side."
          : "Nothing that took effect can be undone."}
      </p>
      <ol aria-label="What will happen" className="divide-y divide-line rounded-md border">
        {awaited.map((node) => (
          <Line key={node} saga={saga} node={node} icon={<Clock className="size-3.5 text-accent" aria-hidden />}>
            its answer is awaited; undone if it took effect
          </Line>
        ))}
        {undone.map((node) => (
          <Line key={node} saga={saga} node={node} icon={<Undo2 className="size-3.5 text-undo" aria-hidden />}>
            <span className="font-mono">{deedOf(saga, node) ?? "undone"}</span>
          </Line>
        ))}
        {stay.map((node) => (
          <Line key={node} saga={saga} node={node} icon={<Minus className="size-3.5 text-muted" aria-hidden />}>
            stays done: it has no compensation
          </Line>
        ))}
      </ol>
    </div>
  );
}

function deedOf(saga: SagaView, id: string): string | null {
  const node = nodeOf(saga.document, id);
  return (node && deedsOfNode(node)?.undoes) ?? null;
}

function Line({ saga, node, icon, children }: { saga: SagaView; node: string; icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex items-center gap-2.5 px-3 py-1.5">
      {icon}
      <span className="min-w-0 flex-1 truncate">{titleOf(saga.document, node)}</span>
      <span className="min-w-0 max-w-[60%] truncate text-12 text-muted">{children}</span>
    </li>
  );
}
