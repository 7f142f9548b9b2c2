import clsx from "clsx";
import { ArrowRight, Check, Clock, LoaderCircle, type LucideIcon, Minus, Undo2, X } from "lucide-react";
import { CutWords } from "./cut-words";
import { type Deeds, shortenDeed } from "./deeds";
import type { Tone } from "./node-card";

/** How what a step does stands, or what takes it back. */
export interface NodeSide {
  side: "action" | "compensation";
  tone: Tone;
  word: string;
  /** In which order the compensations run; those that run side by side have the same. */
  number?: number;
}

/** Tells a state by its shape, where the colour alone would. */
const marks: Readonly<Record<Tone, LucideIcon>> = {
  ok: Check,
  undo: Check,
  warn: Clock,
  bad: X,
  accent: LoaderCircle,
  idle: Minus,
};

function Mark({ side }: { side: NodeSide }) {
  const Icon = marks[side.tone];
  return (
    <>
      <Icon aria-hidden className={side.tone === "accent" ? "animate-wait" : undefined} />
      <span className="sr-only">{side.word}</span>
    </>
  );
}

/** The two rows of a saga's step: what it does, with an arrow forward, and what undoes it, with one back. */
export function NodeSides({ deeds, sides = [] }: { deeds: Deeds; sides?: readonly NodeSide[] | undefined }) {
  const [action, compensation] = (["action", "compensation"] as const).map((side) =>
    sides.find((each) => each.side === side),
  );
  return (
    <>
      <div
        className={clsx("node-deed", action && `node-deed-${action.tone}`)}
        title={[deeds.does, action?.word].filter(Boolean).join(": ")}
      >
        <ArrowRight role="img" aria-label="Does" />
        <CutWords className="node-deed-words" words={shortenDeed(deeds.does)} />
        {deeds.pivot ? (
          <span className="node-pivot" title="Pivot: once it is done there is no way back">
            pivot
          </span>
        ) : null}
        {action ? <Mark side={action} /> : null}
      </div>
      <div
        className={clsx(
          "node-deed",
          !deeds.undoes && "node-deed-none",
          compensation && `node-deed-${compensation.tone}`,
        )}
        title={[deeds.undoes, compensation?.word].filter(Boolean).join(": ") || undefined}
      >
        {compensation?.number === undefined ? (
          <Undo2 role="img" aria-label="Undone by" />
        ) : (
          <span className="node-deed-number">{compensation.number}</span>
        )}
        <CutWords className="node-deed-words" words={deeds.undoes ? shortenDeed(deeds.undoes) : "not undone"} />
        {compensation ? <Mark side={compensation} /> : null}
      </div>
    </>
  );
}
