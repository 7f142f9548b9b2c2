import clsx from "clsx";
import { ArrowRight, Undo2 } from "lucide-react";
import type { Deeds } from "./deeds";
import type { Tone } from "./node-card";

/** How what a step does stands, or what takes it back. */
export interface NodeSide {
  side: "action" | "compensation";
  tone: Tone;
  word: string;
  /** In which order the compensations run; those that run side by side have the same. */
  number?: number;
}

/** The two rows of a saga's step: what it does, with an arrow forward, and what undoes it, with one back. */
export function NodeSides({ deeds, sides = [] }: { deeds: Deeds; sides?: readonly NodeSide[] | undefined }) {
  const [action, compensation] = (["action", "compensation"] as const).map((side) =>
    sides.find((each) => each.side === side),
  );
  return (
    <>
      <div className={clsx("node-deed", action && `node-deed-${action.tone}`)} title={action?.word}>
        <ArrowRight role="img" aria-label="Does" />
        <span className="node-deed-words">{deeds.does}</span>
        {action ? <span className="sr-only">{action.word}</span> : null}
        {deeds.pivot ? (
          <span className="node-pivot" title="Pivot: once it is done there is no way back">
            pivot
          </span>
        ) : null}
      </div>
      <div
        className={clsx(
          "node-deed",
          !deeds.undoes && "node-deed-none",
          compensation && `node-deed-${compensation.tone}`,
        )}
        title={compensation?.word}
      >
        {compensation?.number === undefined ? (
          <Undo2 role="img" aria-label="Undone by" />
        ) : (
          <span className="node-deed-number">{compensation.number}</span>
        )}
        <span className="node-deed-words">{deeds.undoes ?? "not undone"}</span>
        {compensation ? <span className="sr-only">{compensation.word}</span> : null}
      </div>
    </>
  );
}
