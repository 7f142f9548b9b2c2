"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { VersionSummary } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";
import { Input } from "../ui/input";

/** Gives a version a name that people know it by. */
export function NameVersionDialog({
  flow,
  version,
  onClose,
}: {
  flow: string;
  version: VersionSummary;
  onClose(): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [name, setName] = useState(version.name);
  const save = useMutation(trpc.versions.name.mutationOptions());
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Name v${version.number}`}
      action="Save the name"
      onConfirm={async () => {
        await save.mutateAsync({ flow, number: version.number, name });
        await queries.invalidateQueries({ queryKey: trpc.versions.list.queryKey({ flow }) });
      }}
    >
      <Field label="Name" aside="leave it empty to take it away">
        {(control) => (
          <Input
            {...control}
            value={name}
            maxLength={80}
            placeholder="Before the sale"
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
    </ConfirmDialog>
  );
}
