import clsx from "clsx";
import { ShieldAlert, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import type { Weakening } from "@/flow/standing";
import { InlineCode } from "../drawing/inline-code";

const words: Record<Weakening["weakens"], string> = {
  delivery: "delivery",
  order: "order",
  durability: "safe keeping",
};

/** One weakening: of what, why, and what would mend it. `lead` stands first, the node it is about. */
export function WeakeningWords({ weakening, lead }: { weakening: Weakening; lead?: ReactNode }) {
  const { text, mend, usual, weakens } = weakening;
  return (
    <div className="flex gap-2">
      <ShieldAlert
        className={clsx("mt-0.5 size-3.5 shrink-0", usual ? "text-faint" : "text-warn")}
        role="img"
        aria-label={usual ? "As usual" : "Weakens the flow"}
      />
      <div className="min-w-0">
        <p>
          {lead}
          <span className="text-muted">
            {lead ? " · " : ""}
            {words[weakens]}
          </span>
        </p>
        <p className="break-words">
          <InlineCode text={text} />
        </p>
        {mend === undefined ? null : (
          <p className="mt-0.5 flex gap-1.5 text-muted">
            <Wrench className="mt-0.5 size-3 shrink-0" role="img" aria-label="What would mend it" />
            <span className="min-w-0 break-words">
              <InlineCode text={mend} />
            </span>
          </p>
        )}
      </div>
    </div>
  );
}
