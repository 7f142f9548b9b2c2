"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { notify, notifyDone } from "../ui/toast";

const topicPattern = /^[a-zA-Z0-9._-]{1,249}$/;

export function CreateTopicDialog({
  connection,
  onClose,
  onCreated,
}: {
  connection: string;
  onClose(): void;
  onCreated(topic: string): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [topic, setTopic] = useState("");
  const [partitions, setPartitions] = useState("4");
  const [replication, setReplication] = useState("");
  const create = useMutation(
    trpc.connections.createTopic.mutationOptions({
      onSuccess: async ({ created, place }) => {
        await queries.invalidateQueries({ queryKey: trpc.connections.places.pathKey() });
        if (created) notifyDone(`${place.name} was created`);
        else notify(`${place.name} was there already`, "Nothing was changed.");
        onCreated(place.name);
      },
    }),
  );
  const count = Number(partitions);
  const copies = replication.trim() === "" ? null : Number(replication);
  const nameFits = topicPattern.test(topic);
  const countFits = Number.isInteger(count) && count >= 1 && count <= 1000;
  const copiesFit = copies === null || (Number.isInteger(copies) && copies >= 1 && copies <= 100);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (nameFits && countFits && copiesFit)
      create.mutate({
        name: connection,
        topic,
        partitions: count,
        ...(copies === null ? {} : { replication: copies }),
      });
  }
  const refused = create.error ? wordsOfError(create.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Create topic"
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="create-topic"
            variant="primary"
            busy={create.isPending}
            disabled={!nameFits || !countFits || !copiesFit}
          >
            Create topic
          </Button>
        </>
      }
    >
      <form id="create-topic" onSubmit={submit} className="flex flex-col gap-3">
        <Field
          label="Name"
          error={topic && !nameFits ? "Letters, digits, dots, dashes and underscores, at most 249." : null}
        >
          {(field) => (
            <Input
              {...field}
              mono
              value={topic}
              onChange={(event) => setTopic(event.target.value)}
              autoFocus
              placeholder="orders"
            />
          )}
        </Field>
        <Field
          label="Partitions"
          hint="How many consumers can share the work. Can grow later, never shrink."
          error={countFits ? null : "A whole number from 1 to 1,000."}
        >
          {(field) => (
            <Input
              {...field}
              inputMode="numeric"
              value={partitions}
              onChange={(event) => setPartitions(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Replicas"
          aside="optional"
          hint="Copies of each message. Empty: as the cluster is set."
          error={copiesFit ? null : "A whole number from 1 to 100."}
        >
          {(field) => (
            <Input
              {...field}
              inputMode="numeric"
              value={replication}
              onChange={(event) => setReplication(event.target.value)}
            />
          )}
        </Field>
        {refused ? (
          <Callout tone="bad" title="It was not created" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
      </form>
    </Dialog>
  );
}
