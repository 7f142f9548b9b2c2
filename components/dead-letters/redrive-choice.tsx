"use client";

import { useMemo } from "react";
import { letterVariables } from "@/flow/letter-variables";
import type { DeadLetterView } from "@/server/views";
import { type FormEnvironment, FormEnvironmentProvider } from "../form/environment";
import { ExpressionField } from "../form/expression-field";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { refuseNumber, scopeOfView } from "./redrive-request";

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

/** How fast, and after how many failures it waits for a person. */
export function PaceFields(props: {
  rate: string;
  pauseAfter: string;
  onRate(value: string): void;
  onPauseAfter(value: string): void;
}) {
  return (
    <div className="grid grid-cols-2 gap-4">
      <NumberField
        label="At most"
        hint="Over all workers. Empty: as fast as they go."
        unit="messages a second"
        value={props.rate}
        onChange={props.onRate}
      />
      <NumberField
        label="Pause after"
        hint="At first no more than so many are on their way. Empty: never."
        unit="that fail again"
        value={props.pauseAfter}
        onChange={props.onPauseAfter}
      />
    </div>
  );
}

function NumberField(props: {
  label: string;
  hint: string;
  unit: string;
  value: string;
  onChange(value: string): void;
}) {
  return (
    <Field label={props.label} hint={props.hint} error={refuseNumber(props.value) ?? undefined}>
      {(control) => (
        <span className="flex items-center gap-2">
          <Input
            {...control}
            inputMode="numeric"
            autoComplete="off"
            className="!w-24"
            value={props.value}
            onChange={(event) => props.onChange(event.target.value)}
          />
          <span className="text-muted">{props.unit}</span>
        </span>
      )}
    </Field>
  );
}
