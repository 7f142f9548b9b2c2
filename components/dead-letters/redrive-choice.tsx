"use client";

import { useMemo } from "react";
import { letterVariables } from "@/flow/letter-variables";
import type { DeadLetterView } from "@/server/views";
import { type FormEnvironment, FormEnvironmentProvider } from "../form/environment";
import { ExpressionField } from "../form/expression-field";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { refuseRate, scopeOfView } from "./redrive-request";

/** Expressions over dead letters, tried on one of them. */
export function LetterForm({ letter, children }: { letter: DeadLetterView | undefined; children: React.ReactNode }) {
  const environment = useMemo<FormEnvironment>(
    () => ({
      flow: letter?.flow ?? "",
      node: letter?.node ?? "",
      problems: [],
      scope: letter ? scopeOfView(letter) : null,
      readOnly: false,
      wanted: null,
      onPlacesChanged: () => {},
    }),
    [letter],
  );
  return <FormEnvironmentProvider value={environment}>{children}</FormEnvironmentProvider>;
}

export function ConditionField({ value, onChange }: { value: string; onChange(value: string): void }) {
  return (
    <Field
      label="Only those where"
      aside="optional"
      hint="Over body, key, headers, meta, cause, node, version and attempts. One that it fails on stays where it is."
    >
      {(control) => (
        <ExpressionField
          id={control.id}
          describedBy={control["aria-describedby"]}
          label="Only those where"
          path="where"
          value={value}
          onChange={onChange}
          variables={letterVariables}
          expects="bool"
          placeholder="body.total > 100 && cause.code == 'http-status'"
        />
      )}
    </Field>
  );
}

export function EditField({ value, onChange }: { value: string; onChange(value: string): void }) {
  return (
    <Field label="New body" hint="Its result is the whole new body. When it fails on one of them, none is sent.">
      {(control) => (
        <ExpressionField
          id={control.id}
          describedBy={control["aria-describedby"]}
          label="New body"
          path="edit"
          value={value}
          onChange={onChange}
          variables={letterVariables}
          placeholder="{'id': body.id, 'country': 'DE'}"
        />
      )}
    </Field>
  );
}

export function RateField({ value, onChange }: { value: string; onChange(value: string): void }) {
  return (
    <Field
      label="At most"
      hint="Over all workers."
      error={refuseRate(value) ?? undefined}
      aside="empty: as fast as they go"
    >
      {(control) => (
        <span className="flex items-center gap-2">
          <Input
            {...control}
            inputMode="numeric"
            autoComplete="off"
            className="!w-24"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <span className="text-muted">messages a second</span>
        </span>
      )}
    </Field>
  );
}
