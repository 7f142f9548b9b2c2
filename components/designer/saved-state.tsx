"use client";

import type { FlowDocument } from "@/flow/document";
import { formatPlural } from "../ui/formats";
import { useDesigner } from "./context";
import { countChanges } from "./use-check";

/** Top right: is it saved, and how far is it from what runs. */
export function SavedState({ running, version }: { running: FlowDocument | null; version: number | null }) {
  const save = useDesigner((state) => state.save);
  const document = useDesigner((state) => state.document);
  const readOnly = useDesigner((state) => state.readOnly);
  const changes = countChanges(running, document);
  const saved = readOnly ? "Read only" : words[save.is];
  return (
    <span className="truncate text-12 text-faint" role="status" data-testid="saved" data-save={save.is}>
      <span
        className={save.is === "failed" || save.is === "conflict" ? "text-warn" : ""}
        title={save.is === "failed" ? save.message : undefined}
      >
        {saved}
      </span>
      {running && version !== null && changes > 0 ? ` · ${formatPlural(changes, "change")} since v${version}` : ""}
    </span>
  );
}

const words = {
  saved: "Saved",
  waiting: "Not saved yet",
  saving: "Saving…",
  failed: "Not saved, trying again",
  conflict: "Both changed the same: choose",
} as const;
