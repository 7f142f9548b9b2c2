"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ConnectionKind } from "@/flow/connection-kind";
import type { Problem } from "@/flow/problems";
import type { ConnectionView } from "@/server/views";
import { ConfigForm } from "../form/config-form";
import { type FormEnvironment, FormEnvironmentProvider } from "../form/environment";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { notifyDone } from "../ui/toast";
import { SecretField } from "./secret-field";
import { TestResult } from "./test-result";

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Adds or edits a connection. Secrets that are set are never shown; what is typed replaces them. */
export function ConnectionDialog({
  kind,
  saved,
  taken,
  onClose,
}: {
  kind: ConnectionKind;
  /** Null for a new one. */
  saved: ConnectionView | null;
  taken: readonly string[];
  onClose(): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [name, setName] = useState(saved?.name ?? freeName(kind.kind, taken));
  const [config, setConfig] = useState<Record<string, unknown>>(saved?.config ?? {});
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const save = useMutation(
    trpc.connections.save.mutationOptions({
      onSuccess: async ({ created }) => {
        await queries.invalidateQueries({ queryKey: trpc.connections.pathKey() });
        notifyDone(created ? `${name} was added` : `${name} was saved`, {
          description: "Running flows that use it take it over.",
        });
        onClose();
      },
    }),
  );
  const test = useMutation(trpc.connections.test.mutationOptions());
  const problems = useMemo(() => problemsOf(kind, config), [kind, config]);
  const environment = useMemo<FormEnvironment>(
    () => ({ flow: "", node: "", problems, scope: null, readOnly: false, wanted: null, onPlacesChanged: () => {} }),
    [problems],
  );
  const nameError = !namePattern.test(name)
    ? "Small letters, digits and dashes, beginning with a letter or digit."
    : !saved && taken.includes(name)
      ? "There is a connection of that name already."
      : null;
  const refused = save.error ? wordsOfError(save.error) : null;

  function submit() {
    setTried(true);
    if (nameError || problems.length > 0) return;
    save.mutate({ name, kind: kind.kind, config, secrets });
  }
  const runTest = () =>
    test.mutate({ ref: { kind: kind.kind, config, secrets, ...(saved ? { savedAs: saved.name } : {}) } });

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={saved ? saved.name : `New ${kind.label} connection`}
      description={kind.summary}
      footer={
        <>
          <Button className="mr-auto" busy={test.isPending} disabled={problems.length > 0} onClick={runTest}>
            Test
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={save.isPending} onClick={submit}>
            {saved ? "Save" : "Add connection"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {saved ? null : (
          <Field label="Name" error={tried || name ? nameError : null} hint="Flows refer to it by this name.">
            {(field) => <Input {...field} mono value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
        )}
        <FormEnvironmentProvider value={environment}>
          <ConfigForm
            schema={kind.config}
            config={config}
            onChange={(field, value) => {
              test.reset();
              setConfig((before) => change(before, field, value));
            }}
          />
        </FormEnvironmentProvider>
        {/* A password is of no use where nothing signs in. */}
        {kind.secrets
          .filter(({ when }) => !when || when.is.includes(String(config[when.field])))
          .map((secret) => (
            <SecretField
              key={secret.name}
              secret={secret}
              isSet={saved?.secretsSet.includes(secret.name) ?? false}
              value={secrets[secret.name]}
              onChange={(value) => {
                test.reset();
                setSecrets((before) => change(before, secret.name, value) as Record<string, string>);
              }}
            />
          ))}
        <TestResult result={test.data} error={test.error} />
        {refused ? (
          <Callout tone="bad" title="It was not saved" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
        <p className="text-12 text-faint">{kind.guarantees}</p>
      </div>
    </Dialog>
  );
}

/** Sets or takes away a field. */
function change(before: Record<string, unknown>, field: string, value: unknown): Record<string, unknown> {
  const { [field]: _gone, ...rest } = before;
  return value === undefined ? rest : { ...rest, [field]: value };
}

/** What the kind's schema says of the config, as the form shows it: under its field. */
function problemsOf(kind: ConnectionKind, config: Record<string, unknown>): Problem[] {
  const parsed = kind.config.safeParse(config);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => ({
    code: "config-field-invalid",
    severity: "error",
    message: issue.message,
    field: issue.path.join("."),
  }));
}

function freeName(base: string, taken: readonly string[]): string {
  if (!taken.includes(base)) return base;
  for (let number = 2; ; number++) if (!taken.includes(`${base}-${number}`)) return `${base}-${number}`;
}
