"use client";

import { useState } from "react";
import { titleOfNode } from "../drawing/kinds";
import { useDesigner, useDesignerStore } from "./context";
import { nodeOf } from "./edit";
import { LazyPopover } from "./lazy-popover";
import { ProblemsButton } from "./problems-list";

/** What is known of the drawing as a whole: its guarantee, its problems. */
export function Facts() {
  return (
    <>
      <Guarantee />
      <ProblemsButton />
    </>
  );
}

/** What the flow guarantees, always in sight; why, on a press. */
function Guarantee() {
  const store = useDesignerStore();
  const semantics = useDesigner((state) => state.semantics);
  const document = useDesigner((state) => state.document);
  const [open, setOpen] = useState(false);
  if (!semantics || document.nodes.length === 0) return null;
  return (
    <LazyPopover
      open={open}
      onOpenChange={setOpen}
      side="top"
      className="!w-96"
      trigger={
        <button
          type="button"
          className="h-8 rounded-md border border-line bg-surface px-2.5 text-12 text-text hover:bg-hover"
          data-testid="guarantee"
        >
          {semantics.summary}
        </button>
      }
    >
      <h3 className="font-semibold">{semantics.summary}</h3>
      <p className="mt-0.5 text-12 text-muted">What this drawing guarantees for each message, and why.</p>
      <ul className="mt-2 flex flex-col gap-2">
        {semantics.reasons.map((reason) => {
          const node = reason.node === undefined ? undefined : nodeOf(document, reason.node);
          return (
            <li key={`${reason.node}${reason.text}`} className="text-12">
              {node ? (
                <button
                  type="button"
                  className="mr-1 font-medium text-accent hover:underline"
                  onClick={() => {
                    setOpen(false);
                    store.getState().inspect(node.id);
                  }}
                >
                  {titleOfNode(node)}:
                </button>
              ) : null}
              {reason.text}
            </li>
          );
        })}
      </ul>
    </LazyPopover>
  );
}
