"use client";

import { type ReactNode, useEffect, useState } from "react";
import { Button } from "./button";
import { Callout } from "./callout";
import { Dialog } from "./dialog";
import { messageOfError } from "./error-words";
import { Field } from "./field";
import { Input } from "./input";

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: ReactNode;
  /** What is affected, what stays, what cannot be undone. */
  children?: ReactNode;
  /** Verb on the button: "Delete flow". */
  action: string;
  danger?: boolean;
  /** On the button that does nothing; `Cancel`, unless that is what one asks about. */
  dismiss?: string;
  width?: "sm" | "md";
  /** Must be typed before the button works: for what cannot be undone. */
  typed?: string;
  disabled?: boolean;
  onConfirm(): Promise<unknown> | unknown;
}

/** Asks before something that matters. Stays open with the cause when it fails. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, typed } = props;
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    if (!open) return;
    setText("");
    setError(null);
  }, [open]);

  async function confirm() {
    setBusy(true);
    setError(null);
    try {
      await props.onConfirm();
      onOpenChange(false);
    } catch (cause) {
      setError(messageOfError(cause));
    } finally {
      setBusy(false);
    }
  }

  const ready = !props.disabled && (typed === undefined || text.trim() === typed);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={props.title}
      width={props.width ?? "sm"}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{props.dismiss ?? "Cancel"}</Button>
          <Button variant={props.danger ? "danger" : "primary"} busy={busy} disabled={!ready} onClick={confirm}>
            {props.action}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) void confirm();
        }}
      >
        {props.children}
        {typed === undefined ? null : (
          <Field
            label={
              <>
                Type <span className="font-mono">{typed}</span> to confirm
              </>
            }
          >
            {(field) => (
              <Input
                {...field}
                mono
                value={text}
                onChange={(event) => setText(event.target.value)}
                autoComplete="off"
              />
            )}
          </Field>
        )}
        {error ? (
          <Callout tone="bad" title="That did not work">
            {error}
          </Callout>
        ) : null}
      </form>
    </Dialog>
  );
}
