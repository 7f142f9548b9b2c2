"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
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
import { Checkbox, Switch } from "../ui/switch";
import { hintOfRole, roleOptions } from "./roles";

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
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState("90");
  const [readOnly, setReadOnly] = useState(false);
  const [flows, setFlows] = useState<readonly string[] | null>(null);
  const known = useQuery(trpc.flows.list.queryOptions());
  const create = useMutation(
    trpc.settings.createToken.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.settings.tokens.queryKey() }),
    }),
  );
  const made = create.data?.token;
  const mayCreate = name.trim() !== "" && flows?.length !== 0;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!mayCreate) return;
    const lifetime = days ? { days: Number(days) } : {};
    create.mutate({ name: name.trim(), role, readOnly, flows: [...(flows ?? [])], ...lifetime });
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
          <Button type="submit" form="new-token" variant="primary" busy={create.isPending} disabled={!mayCreate}>
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
        <Field label="Role" hint={hintOfRole(role)}>
          {(field) => <Select<Role> {...field} value={role} onValueChange={setRole} options={mine} />}
        </Field>
        <Field label="Only reads" hint="Changes nothing, whatever its role.">
          {(field) => <Switch {...field} checked={readOnly} onCheckedChange={setReadOnly} />}
        </Field>
        <Field
          label="Flows"
          hint={flows ? "It reaches these alone: no connections, no settings, nothing of other flows." : undefined}
        >
          {(field) => (
            <Select
              {...field}
              value={flows ? "some" : "all"}
              onValueChange={(next) => setFlows(next === "some" ? [] : null)}
              options={[
                { value: "all", label: "All flows, and all else that its role may" },
                { value: "some", label: "Only some flows" },
              ]}
            />
          )}
        </Field>
        {flows ? (
          <ul className="thin-scroll max-h-40 overflow-auto rounded-md border px-3 py-2" aria-label="Flows it reaches">
            {known.data?.map((flow) => (
              <li key={flow.name}>
                {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
                <label className="flex items-center gap-2 py-1">
                  <Checkbox
                    checked={flows.includes(flow.name)}
                    onCheckedChange={(on) =>
                      setFlows(on ? [...flows, flow.name] : flows.filter((each) => each !== flow.name))
                    }
                  />
                  <span className="truncate">{flow.title}</span>
                  <span className="truncate font-mono text-12 text-faint">{flow.name}</span>
                </label>
              </li>
            ))}
          </ul>
        ) : null}
        <Field label="Lifetime">
          {(field) => <Select {...field} value={days} onValueChange={setDays} options={lifetimes} />}
        </Field>
        {days === "" ? (
          <Callout tone="warn">
            Who finds it may use it until somebody revokes it. A date is safer: a token is made anew in a minute.
          </Callout>
        ) : null}
        {refused ? (
          <Callout tone="bad" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
      </form>
    </Dialog>
  );
}
