"use client";

import { ConfirmDialog } from "../ui/confirm-dialog";
import { formatPlural } from "../ui/formats";
import { type ParkedChoice, useParkedActions } from "./use-parked-actions";

/** Asks before messages are tried no more. */
export function GiveUpDialog({ choice, count, onClose }: { choice: ParkedChoice; count: number; onClose(): void }) {
  const { giveUp } = useParkedActions();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Give up ${formatPlural(count, "message")}`}
      action="Give up"
      danger
      onConfirm={() => giveUp(choice)}
    >
      <p>
        {count === 1 ? "It goes" : "They go"} to the dead letters with the cause of the last try, even where an error
        port is wired. There {count === 1 ? "it" : "each"} can be mended and sent again.
      </p>
      <p className="text-muted">
        What a worker is trying at this moment goes there only when that try fails. Later messages of the same key go
        on.
      </p>
    </ConfirmDialog>
  );
}
