"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { fitsName, type PlaceKind } from "@/flow/place";
import type { Problem } from "@/flow/problems";
import { ConfigForm } from "../form/config-form";
import { type FormEnvironment, FormEnvironmentProvider } from "../form/environment";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { notify, notifyDone } from "../ui/toast";

/** Makes a topic, a queue: whatever the broker lets make from here, with what it lets choose. */
export function CreatePlaceDialog({
  connection,
  kind,
  onClose,
  onCreated,
}: {
  connection: string;
  kind: PlaceKind;
  onClose(): void;
  onCreated(name: string): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [options, setOptions] = useState<Record<string, unknown>>({});
  const create = useMutation(
    trpc.connections.createPlace.mutationOptions({
      onSuccess: async ({ created, place }) => {
        await queries.invalidateQueries({ queryKey: trpc.connections.places.pathKey() });
        if (created) notifyDone(`${place.name} was created`);
        else notify(`${place.name} was there already`, "Nothing was changed.");
        onCreated(place.name);
      },
    }),
  );
  const problems = useMemo(() => problemsOf(kind, options), [kind, options]);
  const environment = useMemo<FormEnvironment>(
    () => ({ flow: "", node: "", problems, scope: null, readOnly: false, wanted: null, onPlacesChanged: () => {} }),
    [problems],
  );
  const nameFits = name !== "" && !name.includes("${") && fitsName(kind, name);
  const fits = nameFits && problems.length === 0;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (fits) create.mutate({ name: connection, type: kind.type, place: name, options });
  }
  const refused = create.error ? wordsOfError(create.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Create ${kind.type}`}
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="create-place" variant="primary" busy={create.isPending} disabled={!fits}>
            Create {kind.type}
          </Button>
        </>
      }
    >
      <form id="create-place" onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Name" error={name && !nameFits ? `It does not fit: ${kind.name.rule}.` : null}>
          {(field) => (
            <Input
              {...field}
              mono
              value={name}
              onChange={(event) => setName(event.target.value)}
              autoFocus
              placeholder={kind.placeholder}
            />
          )}
        </Field>
        {kind.create ? (
          <FormEnvironmentProvider value={environment}>
            <ConfigForm
              schema={kind.create}
              config={options}
              onChange={(field, value) => setOptions((before) => change(before, field, value))}
            />
          </FormEnvironmentProvider>
        ) : null}
        {refused ? (
          <Callout tone="bad" title="It was not created" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
      </form>
    </Dialog>
  );
}

function change(before: Record<string, unknown>, field: string, value: unknown): Record<string, unknown> {
  const { [field]: _gone, ...rest } = before;
  return value === undefined ? rest : { ...rest, [field]: value };
}

function problemsOf({ create }: PlaceKind, options: Record<string, unknown>): Problem[] {
  const parsed = create?.safeParse(options);
  if (!parsed || parsed.success) return [];
  return parsed.error.issues.map(({ message, path }) => ({
    code: "config-field-invalid",
    severity: "error",
    message,
    field: path.join("."),
  }));
}
