"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../trpc/context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";
import { formatPlural } from "../ui/formats";
import { Input } from "../ui/input";
import { notifyDone } from "../ui/toast";
import type { LettersOf } from "./redrive-request";
import { useTakeBack } from "./use-take-back";

/** Marks dead letters as not to be sent again, with a reason that stays with them. */
export function DiscardDialog({
  letters,
  onClose,
}: {
  /** These, or those of a cause. */
  letters: readonly string[] | LettersOf;
  onClose(): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const byCause = "flow" in letters ? letters : null;
  const count = byCause ? byCause.count : (letters as readonly string[]).length;
  const takeBack = useTakeBack();
  const discard = useMutation(trpc.deadLetters.discard.mutationOptions());
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Discard ${formatPlural(count, "dead letter")}`}
      action="Discard"
      danger
      disabled={!reason.trim()}
      onConfirm={async () => {
        const which = byCause
          ? { flow: byCause.flow, ...(byCause.fingerprint ? { fingerprint: byCause.fingerprint } : {}) }
          : { ids: [...(letters as readonly string[])] };
        const { discarded } = await discard.mutateAsync({ ...which, reason: reason.trim() });
        await queries.invalidateQueries({ queryKey: trpc.deadLetters.pathKey() });
        notifyDone(`${formatPlural(discarded, "dead letter")} discarded`, {
          ...(which.ids ? { action: { label: "Take back", onClick: () => takeBack.mutate({ ids: which.ids }) } } : {}),
        });
      }}
    >
      <p>
        {count === 1 ? "It is not sent again, but stays" : "They are not sent again, but stay"} readable under the state
        Discarded, with your reason, and can be taken back from there.
        {byCause ? " Those of this cause that come until then are discarded with them." : ""}
      </p>
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
