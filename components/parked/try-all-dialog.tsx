"use client";

import { ConfirmDialog } from "../ui/confirm-dialog";
import { formatPlural } from "../ui/formats";
import { type ParkedChoice, useParkedActions } from "./use-parked-actions";

/** Asks before all that wait at a node are tried at once. */
export function TryAllDialog({
  choice,
  count,
  node,
  onClose,
}: {
  choice: ParkedChoice;
  count: number;
  node: string;
  onClose(): void;
}) {
  const { tryNow } = useParkedActions();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Try ${formatPlural(count, "message")} now`}
      action="Try now"
      onConfirm={() => tryNow(choice)}
    >
      <p>
        Those that wait at <span className="font-mono">{node}</span> are tried at once, one of each key after another,
        as many side by side as the node may. A try that fails counts as an attempt.
      </p>
    </ConfirmDialog>
  );
}
