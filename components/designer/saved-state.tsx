"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import type { FlowDocument } from "@/flow/document";
import { formatPlural } from "../ui/formats";
import { useDesigner } from "./context";
import { countChanges } from "./use-check";

/** Top right: is it saved, and how far is it from what runs; leads to the differences. */
export function SavedState({
  flow,
  running,
  version,
  flush,
}: {
  flow: string;
  running: FlowDocument | null;
  version: number | null;
  flush(): Promise<void>;
}) {
  const router = useRouter();
  const save = useDesigner((state) => state.save);
  const document = useDesigner((state) => state.document);
  const readOnly = useDesigner((state) => state.readOnly);
  const changes = countChanges(running, document);
  const saved = readOnly ? "Read only" : words[save.is];
  const differences = `/flows/${encodeURIComponent(flow)}/versions?from=running&to=draft`;
  return (
    <span className="truncate text-12 text-faint" role="status" data-testid="saved" data-save={save.is}>
      <span
        className={save.is === "failed" || save.is === "conflict" ? "text-warn" : ""}
        title={save.is === "failed" ? save.message : undefined}
      >
        {saved}
      </span>
      {running && version !== null && changes > 0 ? (
        <>
          {" · "}
          <Link
            href={differences}
            className="underline decoration-dotted underline-offset-2 hover:text-text"
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              // What is compared is the saved draft: first all that is drawn is saved.
              void flush().then(() => router.push(differences));
            }}
          >
            {formatPlural(changes, "change")} since v{version}
          </Link>
        </>
      ) : null}
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
