"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../trpc/context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";
import { formatPlural } from "../ui/formats";
import { Input } from "../ui/input";
import { notifyDone } from "../ui/toast";

/** Marks dead letters as not to be sent again, with a reason that stays with them. */
export function DiscardDialog({ ids, onClose }: { ids: readonly string[]; onClose(): void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const discard = useMutation(trpc.deadLetters.discard.mutationOptions());
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Discard ${formatPlural(ids.length, "dead letter")}`}
      action="Discard"
      danger
      disabled={!reason.trim()}
      onConfirm={async () => {
        const { discarded } = await discard.mutateAsync({ ids: [...ids], reason: reason.trim() });
        await queries.invalidateQueries({ queryKey: trpc.deadLetters.pathKey() });
        notifyDone(`${formatPlural(discarded, "dead letter")} discarded`);
      }}
    >
      <p>They will not be sent again. They stay readable under the state Discarded, with your reason.</p>
      <Field label="Reason">
        {(field) => (
          <Input
            {...field}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={500}
            placeholder="Test orders of 22 November"
            autoFocus
          />
        )}
      </Field>
    </ConfirmDialog>
  );
}
