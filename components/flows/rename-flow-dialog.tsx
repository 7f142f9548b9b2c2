"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { FlowSummary } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { notifyDone } from "../ui/toast";

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Changes a flow's title and, when asked, its name. Groups on the brokers keep theirs. */
export function RenameFlowDialog({ flow, onClose }: { flow: FlowSummary; onClose(): void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [title, setTitle] = useState(flow.title);
  const [name, setName] = useState(flow.name);
  const rename = useMutation(
    trpc.flows.rename.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: trpc.flows.pathKey() });
        notifyDone("Renamed");
        onClose();
      },
    }),
  );
  const nameFits = namePattern.test(name);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (nameFits && title.trim())
      rename.mutate({ name: flow.name, title: title.trim(), ...(name === flow.name ? {} : { newName: name }) });
  }
  const refused = rename.error ? wordsOfError(rename.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Rename ${flow.title}`}
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form="rename-flow"
            busy={rename.isPending}
            disabled={!nameFits || !title.trim()}
          >
            Rename
          </Button>
        </>
      }
    >
      <form id="rename-flow" onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Title">
          {(field) => (
            <Input {...field} value={title} onChange={(event) => setTitle(event.target.value)} maxLength={120} />
          )}
        </Field>
        <Field
          label="Name"
          error={nameFits ? null : "Small letters, digits and dashes, beginning with a letter or digit, at most 63."}
          hint="Stands in addresses, files and the command line. Groups on the brokers keep their name, so nothing is read twice."
        >
          {(field) => <Input {...field} mono value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {refused ? (
          <Callout tone="bad" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
      </form>
    </Dialog>
  );
}
