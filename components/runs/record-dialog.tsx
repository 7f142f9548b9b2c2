"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { checkExpression } from "@/flow/expression";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { formatMoment } from "../ui/formats";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { notifyDone } from "../ui/toast";

const durations = [
  { value: "15", label: "15 minutes" },
  { value: "60", label: "1 hour" },
  { value: "240", label: "4 hours" },
  { value: "1440", label: "1 day" },
];

/** Asks for every run of a flow whose message fits to be kept for a time, without a new version. */
export function RecordDialog({ flow, onClose }: { flow: string; onClose(): void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [condition, setCondition] = useState("");
  const [minutes, setMinutes] = useState("60");
  const start = useMutation(
    trpc.recordings.start.mutationOptions({
      onSuccess: async ({ endsAt }) => {
        await queries.invalidateQueries({ queryKey: trpc.recordings.pathKey() });
        notifyDone(`Recorded until ${formatMoment(endsAt)}`);
        onClose();
      },
    }),
  );
  const [problem] = condition.trim() === "" ? [] : checkExpression(condition, { expects: "bool" });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (condition.trim() !== "" && !problem) start.mutate({ flow, condition, minutes: Number(minutes) });
  }
  const refused = start.error ? wordsOfError(start.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Record everything of…"
      description="Every run whose message fits is kept, beside what the flow’s settings keep. It begins within seconds, in the version that runs, and ends by itself. It is written into the audit."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="record"
            variant="primary"
            busy={start.isPending}
            disabled={condition.trim() === "" || problem !== undefined}
          >
            Record
          </Button>
        </>
      }
    >
      <form id="record" onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Messages where"
          error={problem?.message}
          hint="An expression over body, key, headers and meta. It is tried on every message while it lasts, as a filter is."
        >
          {(control) => (
            <Input
              {...control}
              mono
              autoFocus
              spellCheck={false}
              autoComplete="off"
              maxLength={2000}
              placeholder="body.customer.id == 42"
              value={condition}
              onChange={(event) => setCondition(event.target.value)}
            />
          )}
        </Field>
        <Field label="For">
          {(control) => <Select {...control} value={minutes} onValueChange={setMinutes} options={durations} />}
        </Field>
        {refused ? (
          <Callout tone="bad" title="Nothing more is recorded" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
      </form>
    </Dialog>
  );
}
