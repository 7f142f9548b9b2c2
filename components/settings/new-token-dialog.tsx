"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Role } from "@/server/views";
import { CodeBlock } from "../payload/code-block";
import { roleOrder, useMe } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { roleOptions } from "./roles";

const lifetimes = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Does not expire" },
];

/** Makes a token and shows it, once. */
export function NewTokenDialog({ onClose }: { onClose(): void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const me = useMe();
  const mine = roleOptions.filter((option) => roleOrder.indexOf(option.value) <= roleOrder.indexOf(me.role));
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>(mine.at(-1)?.value === "admin" ? "operator" : me.role);
  const [days, setDays] = useState("90");
  const create = useMutation(
    trpc.settings.createToken.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.settings.tokens.queryKey() }),
    }),
  );
  const made = create.data?.token;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (name.trim()) create.mutate({ name: name.trim(), role, ...(days ? { days: Number(days) } : {}) });
  }
  const refused = create.error ? wordsOfError(create.error) : null;
  if (made) {
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && onClose()}
        title={`Token ${name.trim()}`}
        footer={
          <Button variant="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <Callout tone="warn" title="Copy it now" className="mb-3">
          Only a fingerprint is kept; it cannot be shown again.
        </Callout>
        <CodeBlock text={made} wrap />
        <p className="mt-3 text-12 text-muted">
          For the command line: <span className="font-mono">MILLRACE_TOKEN=… npm run --silent flow -- list</span>
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New token"
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="new-token" variant="primary" busy={create.isPending} disabled={!name.trim()}>
            Create token
          </Button>
        </>
      }
    >
      <form id="new-token" onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name" hint="Where it is used, so that you know it again.">
          {(field) => (
            <Input
              {...field}
              value={name}
              onChange={(event) => setName(event.target.value)}
              maxLength={120}
              placeholder="Deploy from CI"
              autoFocus
            />
          )}
        </Field>
        <Field label="Role">
          {(field) => <Select<Role> {...field} value={role} onValueChange={setRole} options={mine} />}
        </Field>
        <Field label="Lifetime">
          {(field) => <Select {...field} value={days} onValueChange={setDays} options={lifetimes} />}
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
