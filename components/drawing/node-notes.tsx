"use client";

import { StickyNote } from "lucide-react";
import { Markdown } from "../ui/markdown";
import { Tooltip } from "../ui/tooltip";

/** On a card: that somebody wrote about the node; on hover what. */
export function NodeNotes({ text }: { text: string }) {
  return (
    <Tooltip
      content={
        <div className="max-w-72 text-left">
          <Markdown text={text} />
        </div>
      }
    >
      <span className="node-notes" data-testid="node-notes" role="img" aria-label={`Notes: ${text}`}>
        <StickyNote aria-hidden />
      </span>
    </Tooltip>
  );
}
