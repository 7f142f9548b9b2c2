"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { PlainMessage } from "@/flow/control";
import type { RunView } from "@/server/views";
import { HeadersField } from "../form/headers-field";
import { prettyJson } from "../form/newest-messages";
import { isJson, notJsonWarning } from "../payload/is-json";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input, Textarea } from "../ui/input";
import { titleOf } from "./run-titles";

/** Sends the message of a run once more from its source, as it came or edited; says before what may happen twice. */
export function ResendDialog({ run, message, onClose }: { run: RunView; message: PlainMessage; onClose(): void }) {
  const trpc = useTRPC();
  const [draft, setDraft] = useState<PlainMessage>({
    ...message,
    value: message.value === null || message.encoding === "base64" ? message.value : prettyJson(message.value),
  });
  const send = useMutation(trpc.messages.send.mutationOptions());
  const set = (change: Partial<PlainMessage>) => setDraft({ ...draft, ...change });
  const source = run.document.nodes.find(({ id }) => id === run.source);
  const asJson = (source?.config.codec ?? "json") === "json" && draft.encoding === "text";
  const broken = asJson && draft.value !== null && !isJson(draft.value);
  const same = draft.value !== null && message.value !== null && draft.value === prettyJson(message.value);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Send again from ${titleOf(run.document, run.source)}`}
      description="As a new message at its source, in a trace of its own. The version that runs now works it."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            variant="primary"
            busy={send.isPending}
            onClick={() =>
              // What was not edited goes byte for byte as it came.
              send.mutate({
                flow: run.flow,
                node: run.source,
                message: same ? { ...draft, value: message.value } : draft,
              })
            }
          >
            Send
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {run.repeat ? (
          <Callout tone="idle" title="What may happen twice">
            {run.repeat}
          </Callout>
        ) : null}
        <Field label="Key" aside="optional">
          {(control) => (
            <Input
              {...control}
              mono
              value={draft.key ?? ""}
              placeholder="no key"
              onChange={(event) => set({ key: event.target.value === "" ? null : event.target.value })}
            />
          )}
        </Field>
        <Field
          label="Body"
          hint={broken ? notJsonWarning : draft.encoding === "base64" ? "Bytes, as base64." : undefined}
        >
          {(control) => (
            <Textarea
              {...control}
              mono
              spellCheck={false}
              className="min-h-44"
              disabled={draft.value === null}
              value={draft.value ?? ""}
              placeholder={draft.value === null ? "no value (tombstone)" : undefined}
              onChange={(event) => set({ value: event.target.value })}
            />
          )}
        </Field>
        <HeadersField headers={draft.headers} onChange={(headers) => set({ headers })} />
        {send.error ? (
          <Callout tone="bad" title="Nothing was sent" code={wordsOfError(send.error).code}>
            {wordsOfError(send.error).message}
          </Callout>
        ) : null}
        {send.data ? (
          <Callout tone="ok" title="Sent">
            It is at <span className="font-mono">{send.data.position}</span> in{" "}
            <span className="font-mono">{send.data.lane}</span>.{" "}
            <Link
              href={`/runs?text=${encodeURIComponent(`${send.data.lane}@${send.data.position}`)}`}
              className="text-accent hover:underline"
            >
              Find its run
            </Link>
          </Callout>
        ) : null}
      </div>
    </Dialog>
  );
}
