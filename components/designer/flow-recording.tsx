"use client";

import { Plus, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { maskRoles, maxSearchables } from "@/flow/recorded-fields";
import { roleOptions } from "../settings/roles";
import { useLive } from "../trpc/use-live";
import { Button, IconButton } from "../ui/button";
import { Field } from "../ui/field";
import { formatCount } from "../ui/formats";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { useDesigner } from "./context";
import { KeptRuns } from "./kept-runs";
import { MaskedElsewhere } from "./masked-elsewhere";
import { isUnwritten, refuseDays, refuseMasked, refuseSearchable, refuseWhen } from "./recording-checks";
import { isEmpty, type RecordingSettings } from "./recording-settings";

const leftEmpty = "Fill it in, or remove it.";

export interface RecordingProps {
  settings: RecordingSettings;
  onChange(part: Partial<RecordingSettings>): void;
}

/** What the flow records of its messages: which runs, by what they are found, and who sees what of them. */
export function FlowRecording(props: RecordingProps) {
  const name = useDesigner((state) => state.document.name);
  const dropped = useLive((live) => live.flows[name]?.tracesDropped ?? 0);
  return (
    <fieldset className="flex flex-col gap-4 rounded-md border p-3">
      <legend className="px-1 font-semibold">Recording</legend>
      <p className="-mt-2 text-12 text-muted">
        What is kept and searchable counts from the next deploy on; what was recorded stays as long as runs are kept.
        {dropped > 0 ? (
          <span className="mt-1 block text-warn">
            {formatCount(dropped)} runs were not recorded since the workers started, so that the flow is not slowed
            down.
          </span>
        ) : null}
      </p>
      <KeptRuns {...props} />
      <Field
        label="And all that match"
        aside="optional"
        error={refuseWhen(props.settings) ?? undefined}
        hint="An expression over body, key, headers and meta. It is tried on every message and costs what a filter does, and about 15 µs for each run that is kept."
      >
        {(control) => (
          <Input
            {...control}
            mono
            spellCheck={false}
            autoComplete="off"
            placeholder="body.total > 1000"
            value={props.settings.when}
            onChange={(event) => props.onChange({ when: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Days that runs are kept"
        aside="optional"
        error={refuseDays(props.settings) ?? undefined}
        hint="Empty: as long as those of all flows. What all runs together may take holds all the same."
      >
        {(control) => (
          <Input
            {...control}
            inputMode="numeric"
            autoComplete="off"
            className="!w-24"
            value={props.settings.days}
            onChange={(event) => props.onChange({ days: event.target.value })}
          />
        )}
      </Field>
      <Searchables {...props} />
      <MaskedFields {...props} />
    </fieldset>
  );
}

function Searchables({ settings, onChange }: RecordingProps) {
  const name = useDesigner((state) => state.document.name);
  const missed = useLive((live) => live.flows[name]?.valuesMissed);
  const { searchable } = settings;
  const set = (index: number, part: Partial<(typeof searchable)[number]>) =>
    onChange({ searchable: searchable.map((row, at) => (at === index ? { ...row, ...part } : row)) });
  return (
    <Rows
      title="Searchable fields"
      hint={`Runs are found by them, failed ones too. At most ${maxSearchables}, each up to 200 characters. Without any, by the key and the first plain fields of the body; once one is named, by the key and those that are named.`}
      add="Add a searchable field"
      full={searchable.length >= maxSearchables}
      onAdd={() => onChange({ searchable: [...searchable, { name: "", expression: "" }] })}
      onRemove={(index) => onChange({ searchable: searchable.filter((_, at) => at !== index) })}
      rows={searchable.map((row, index) => ({
        error: refuseSearchable(settings, index),
        note: isEmpty(row)
          ? leftEmpty
          : missed?.[row.name]
            ? `${formatCount(missed[row.name]!)} recorded messages gave no value since the workers started.`
            : null,
        fields: (described) => (
          <>
            <Input
              {...described}
              mono
              className="!w-36"
              aria-label={`Name of searchable field ${index + 1}`}
              placeholder="order"
              spellCheck={false}
              autoComplete="off"
              value={row.name}
              onChange={(event) => set(index, { name: event.target.value })}
            />
            <Input
              {...described}
              mono
              aria-label={`Expression of searchable field ${index + 1}`}
              placeholder="body.order.id"
              spellCheck={false}
              autoComplete="off"
              value={row.expression}
              onChange={(event) => set(index, { expression: event.target.value })}
            />
          </>
        ),
      }))}
    />
  );
}

function MaskedFields({ settings, onChange }: RecordingProps) {
  const readOnly = useDesigner((state) => state.readOnly);
  const { masked } = settings;
  const set = (index: number, part: Partial<(typeof masked)[number]>) =>
    onChange({ masked: masked.map((row, at) => (at === index ? { ...row, ...part } : row)) });
  const options = maskRoles.map((role) => ({
    value: role,
    label: `below ${roleOptions.find(({ value }) => value === role)!.label.toLowerCase()}`,
  }));
  return (
    <>
      <Rows
        title="Masked fields"
        hint="Who has a smaller role sees ••• in their place, wherever messages of this flow are shown, at once and for what was recorded before. Their value is hidden under other names and in errors, too. Other flows that read or write the same topics and queues mask for themselves."
        add="Add a masked field"
        full={masked.length >= 50}
        onAdd={() => onChange({ masked: [...masked, { path: "", below: "operator" }] })}
        onRemove={(index) => onChange({ masked: masked.filter((_, at) => at !== index) })}
        rows={masked.map((row, index) => ({
          error: refuseMasked(settings, index),
          note: isUnwritten(row) ? leftEmpty : null,
          fields: (described) => (
            <>
              <Input
                {...described}
                mono
                aria-label={`Path of masked field ${index + 1}`}
                placeholder="body.card.number"
                spellCheck={false}
                autoComplete="off"
                value={row.path}
                onChange={(event) => set(index, { path: event.target.value })}
              />
              <Select
                label={`Masked field ${index + 1} is hidden`}
                className="!w-48 shrink-0"
                value={row.below}
                disabled={readOnly}
                onValueChange={(below) => set(index, { below })}
                options={options}
              />
            </>
          ),
        }))}
      />
      <MaskedElsewhere masked={masked} />
    </>
  );
}

interface Row {
  error: string | null;
  note: string | null;
  fields(described: { "aria-invalid"?: true; "aria-describedby"?: string }): ReactNode;
}

/** A short list of what is typed in, each row with what is wrong with it. One that is added takes the focus. */
function Rows(props: {
  title: string;
  hint: string;
  add: string;
  full: boolean;
  rows: readonly Row[];
  onAdd(): void;
  onRemove(index: number): void;
}) {
  const readOnly = useDesigner((state) => state.readOnly);
  const list = useRef<HTMLUListElement>(null);
  const [isAdded, setAdded] = useState(false);
  useEffect(() => {
    if (isAdded) list.current?.lastElementChild?.querySelector("input")?.focus();
    setAdded(false);
  }, [isAdded]);
  const idOf = (index: number) => `${props.title.toLowerCase().replaceAll(" ", "-")}-${index}`;
  return (
    <fieldset>
      <legend className="font-medium">{props.title}</legend>
      <p className="mb-2 text-12 text-muted">{props.hint}</p>
      {props.rows.length > 0 ? (
        <ul ref={list} className="mb-2 flex flex-col gap-2">
          {props.rows.map(({ error, note, fields }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row's name may be typed anew
            <li key={index}>
              <div className="flex items-center gap-2">
                {fields(error ? { "aria-invalid": true, "aria-describedby": idOf(index) } : {})}
                {readOnly ? null : (
                  <IconButton label="Remove" size="sm" side="left" onClick={() => props.onRemove(index)}>
                    <X />
                  </IconButton>
                )}
              </div>
              {error ? (
                <p id={idOf(index)} className="mt-1 break-words text-12 text-bad">
                  {error}
                </p>
              ) : null}
              {note ? <p className="mt-1 text-12 text-warn">{note}</p> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {readOnly || props.full ? null : (
        <Button
          size="sm"
          icon={<Plus />}
          onClick={() => {
            props.onAdd();
            setAdded(true);
          }}
        >
          {props.add}
        </Button>
      )}
    </fieldset>
  );
}
