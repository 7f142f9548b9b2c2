"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Role } from "@/server/views";
import { CodeBlock } from "../payload/code-block";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { hintOfRole, roleOptions } from "./roles";

const lifetimes = [
  { value: "1", label: "1 day" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
];

/** Makes an invitation and shows its link, once. */
export function InviteDialog({ onClose, onInvited }: { onClose(): void; onInvited(): Promise<unknown> }) {
  const trpc = useTRPC();
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState("7");
  const invite = useMutation(trpc.settings.invite.mutationOptions({ onSuccess: onInvited }));
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    invite.mutate({ name: text("name"), email: text("email"), role, days: Number(days) });
  }
  if (invite.data) {
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && onClose()}
        title={`Link for ${invite.variables?.email}`}
        footer={
          <Button variant="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <Callout tone="warn" title="Copy it now and pass it on yourself" className="mb-3">
          Millrace sends no mail, and only a fingerprint of the link is kept; it cannot be shown again.
        </Callout>
        <CodeBlock text={new URL(invite.data.path, location.origin).href} wrap />
        <p className="mt-3 text-12 text-muted">
          Who opens it sets a name and a password and is signed in. It works once, for {days}{" "}
          {days === "1" ? "day" : "days"}.
        </p>
      </Dialog>
    );
  }
  const refused = invite.error ? wordsOfError(invite.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Invite a person"
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="invite" variant="primary" busy={invite.isPending}>
            Make link
          </Button>
        </>
      }
    >
      <form id="invite" onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Email" hint="What they will sign in with. No mail is sent: you pass the link on.">
          {(field) => <Input {...field} name="email" type="email" required autoFocus autoComplete="off" />}
        </Field>
        <Field label="Name" aside="optional">
          {(field) => <Input {...field} name="name" maxLength={120} autoComplete="off" />}
        </Field>
        <Field label="Role" hint={hintOfRole(role)}>
          {(field) => <Select<Role> {...field} value={role} onValueChange={setRole} options={roleOptions} />}
        </Field>
        <Field label="The link works for">
          {(field) => <Select {...field} value={days} onValueChange={setDays} options={lifetimes} />}
        </Field>
        {refused ? (
          <Callout tone="bad" title="Nobody was invited" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
      </form>
    </Dialog>
  );
}
