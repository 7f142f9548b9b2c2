"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Role } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { notifyDone } from "../ui/toast";
import { roleOptions } from "./roles";

export function AddUserDialog({ onClose, onAdded }: { onClose(): void; onAdded(): Promise<unknown> }) {
  const trpc = useTRPC();
  const [role, setRole] = useState<Role>("editor");
  const add = useMutation(
    trpc.settings.addUser.mutationOptions({
      onSuccess: async (_made, { name }) => {
        await onAdded();
        notifyDone(`${name} was added`, { description: "Tell them the address and their password." });
        onClose();
      },
    }),
  );
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    add.mutate({ name: text("name").trim(), email: text("email").trim(), password: text("password"), role });
  }
  const refused = add.error ? wordsOfError(add.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add user"
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="add-user" variant="primary" busy={add.isPending}>
            Add user
          </Button>
        </>
      }
    >
      <form id="add-user" onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name">
          {(field) => <Input {...field} name="name" required maxLength={120} autoFocus autoComplete="off" />}
        </Field>
        <Field label="Email">
          {(field) => <Input {...field} name="email" type="email" required autoComplete="off" />}
        </Field>
        <Field label="First password" hint="At least 8 characters.">
          {(field) => (
            <Input
              {...field}
              name="password"
              type="password"
              required
              minLength={8}
              maxLength={128}
              autoComplete="new-password"
            />
          )}
        </Field>
        <Field label="Role">
          {(field) => <Select<Role> {...field} value={role} onValueChange={setRole} options={roleOptions} />}
        </Field>
        {refused ? (
          <Callout tone="bad" title="Nobody was added" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
      </form>
    </Dialog>
  );
}
