"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { nameFromTitle } from "./flow-file";

/** Asks for a title, makes the flow and opens it. */
export function NewFlowDialog({ open, onOpenChange }: { open: boolean; onOpenChange(open: boolean): void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const [title, setTitle] = useState("");
  const create = useMutation(
    trpc.flows.create.mutationOptions({
      onSuccess: async ({ name }) => {
        await queries.invalidateQueries({ queryKey: trpc.flows.list.queryKey() });
        router.push(`/flows/${name}`);
      },
    }),
  );
  const name = nameFromTitle(title);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (name) create.mutate({ title: title.trim() });
  }
  const refused = create.error ? wordsOfError(create.error) : null;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New flow"
      width="sm"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form="new-flow"
            busy={create.isPending || create.isSuccess}
            disabled={!name}
          >
            Create flow
          </Button>
        </>
      }
    >
      <form id="new-flow" onSubmit={submit} className="flex flex-col gap-3">
        <Field
          label="Title"
          hint={
            name ? (
              <>
                Its name in addresses, files and the command line: <span className="font-mono">{name}</span>
              </>
            ) : (
              "What the flow does, in a few words."
            )
          }
        >
          {(field) => (
            <Input
              {...field}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
              maxLength={120}
              placeholder="Orders to the warehouse"
              autoFocus
            />
          )}
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
