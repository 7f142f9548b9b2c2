"use client";

import { useState } from "react";
import { diffFlows, summarizeDiff } from "@/flow/diff";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { notifyDone } from "../ui/toast";
import { useDesigner, useDesignerStore } from "./context";

/** Someone else saved meanwhile: both sides are shown, and none is lost. */
export function ConflictDialog() {
  const store = useDesignerStore();
  const save = useDesigner((state) => state.save);
  const document = useDesigner((state) => state.document);
  const [later, setLater] = useState<number | null>(null);
  if (save.is !== "conflict") return null;
  const difference = summarizeDiff(diffFlows(save.theirDraft, document));
  return (
    <>
      <Dialog
        open={later !== save.theirs}
        onOpenChange={(open) => !open && setLater(save.theirs)}
        title="This flow was changed elsewhere"
        description={
          <>
            {save.updatedBy} saved revision {save.theirs} while you were drawing on revision {save.yours}. Nothing of
            yours was written, nothing of theirs was overwritten.
          </>
        }
        footer={
          <>
            <Button
              onClick={() => {
                void navigator.clipboard.writeText(JSON.stringify(document, null, 2));
                notifyDone("Your drawing is on the clipboard", {
                  description: "Paste it into a flow, or into a file.",
                });
              }}
            >
              Copy mine
            </Button>
            <Button onClick={() => store.getState().replace(save.theirDraft, save.theirs)}>Take theirs</Button>
            <Button variant="primary" onClick={() => store.getState().keepMine()}>
              Keep mine
            </Button>
          </>
        }
      >
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2">
          <dt className="text-muted">Yours against theirs</dt>
          <dd>{difference}</dd>
          <dt className="text-muted">Keep mine</dt>
          <dd>Saves your drawing on top of theirs. Deployed versions stay as they are.</dd>
          <dt className="text-muted">Take theirs</dt>
          <dd>Shows their drawing. Undo brings yours back.</dd>
        </dl>
      </Dialog>
      {later === save.theirs ? (
        <Button size="sm" onClick={() => setLater(null)}>
          Decide
        </Button>
      ) : null}
    </>
  );
}
