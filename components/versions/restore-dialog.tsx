"use client";

import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { diffFlows, summarizeDiff } from "@/flow/diff";
import { listDifferences } from "@/flow/differences";
import type { FlowDocument } from "@/flow/document";
import type { FlowView } from "@/server/views";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { DifferenceList } from "./difference-list";

/** Says what becomes of the draft before a version takes its place; the editor does it, as a step that can be undone. */
export function RestoreDialog({
  open,
  onOpenChange,
  flow,
  draft,
  number,
  version,
}: {
  open: boolean;
  onOpenChange(open: boolean): void;
  flow: FlowView;
  draft: FlowDocument;
  number: number;
  version: FlowDocument;
}) {
  const router = useRouter();
  const diff = useMemo(
    () => (open ? diffFlows(draft, { ...version, name: draft.name }) : null),
    [open, draft, version],
  );
  const differences = useMemo(() => (diff ? listDifferences(diff) : []), [diff]);
  const same = differences.length === 0;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Restore v${number} as draft`}
      action="Restore"
      width="md"
      disabled={same}
      onConfirm={() => router.push(`/flows/${encodeURIComponent(flow.name)}?restore=${number}`)}
    >
      {same || !diff ? (
        <p>The draft is the same as v{number}.</p>
      ) : (
        <>
          <p>
            The draft becomes what v{number} is; what runs stays as it is until you deploy.{" "}
            {flow.draftDiffers
              ? "The draft was changed since it was deployed: those changes are in no version, and are replaced. In the editor, undo brings them back."
              : "How the draft runs is kept in a version, and undo brings it back, too."}
          </p>
          <h3 className="font-medium">What becomes of the draft: {summarizeDiff(diff)}</h3>
          <DifferenceList
            differences={differences}
            className="thin-scroll max-h-64 overflow-y-auto rounded-md bg-sunken p-1"
          />
        </>
      )}
    </ConfirmDialog>
  );
}
