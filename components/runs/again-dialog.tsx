"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import type { SendAgainView } from "@/server/views";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Textarea } from "../ui/input";
import { LoadError } from "../ui/query-states";
import { AgainNote } from "./again-note";

/** The focus goes on from the button that sent to the one that ends, so that a second press sends nothing. */
const focusOnce = (button: HTMLButtonElement | null) => button?.focus();

/** Sends a message of a run once more: tells before what may happen twice, and afterwards where it is. */
export function AgainDialog({
  title,
  description,
  again,
  send,
  label = "Send",
  onSend,
  sent,
  onClose,
  children,
}: {
  title: string;
  description: string;
  again: { data: SendAgainView | undefined; error: unknown; refetch(): unknown };
  send: { isPending: boolean; error: unknown };
  /** On the button. */
  label?: string;
  onSend(): void;
  /** What became of it, once it is sent. */
  sent: { title: string; words: ReactNode } | null;
  onClose(): void;
  /** What of the message can be edited. */
  children: ReactNode;
}) {
  const refused = send.error ? wordsOfError(send.error) : null;
  const sendButton = {
    busy: send.isPending,
    disabled: !again.data || again.data.why !== null,
    onClick: onSend,
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      footer={
        sent ? (
          <>
            <Button key="once-more" {...sendButton}>
              Send once more
            </Button>
            <Button key="done" ref={focusOnce} variant="primary" onClick={onClose}>
              Done
            </Button>
          </>
        ) : (
          <>
            <Button key="close" onClick={onClose}>
              Close
            </Button>
            <Button key="send" variant="primary" {...sendButton}>
              {label}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        {sent ? (
          <Callout tone="ok" title={sent.title}>
            {sent.words}
          </Callout>
        ) : null}
        {refused ? (
          <Callout tone="bad" title="Nothing was sent" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
        {again.error ? (
          <LoadError what="What may happen twice" error={again.error} onRetry={() => void again.refetch()} />
        ) : null}
        {again.data && !sent ? <AgainNote again={again.data} /> : null}
        {children}
      </div>
    </Dialog>
  );
}

/** The body as text. */
export function BodyField({
  value,
  hint,
  onChange,
}: {
  /** `null`: a tombstone. */
  value: string | null;
  hint?: string | undefined;
  onChange(value: string): void;
}) {
  return (
    <Field label="Body" hint={hint}>
      {(control) => (
        <Textarea
          {...control}
          mono
          spellCheck={false}
          className="min-h-44"
          disabled={value === null}
          value={value ?? ""}
          placeholder={value === null ? "no value (tombstone)" : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** Where the run of what was sent is found. */
export function FindItsRun({ text }: { text: string }) {
  return (
    <Link href={`/runs?text=${encodeURIComponent(text)}`} className="text-accent underline underline-offset-2">
      Find its run
    </Link>
  );
}
