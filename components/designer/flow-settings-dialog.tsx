"use client";

import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Input, inputClass, Textarea } from "../ui/input";
import { Switch } from "../ui/switch";
import { useDesigner, useDesignerStore } from "./context";
import { DeliveryChoice } from "./delivery-choice";
import { FlowHolding } from "./flow-holding";
import { FlowLetters } from "./flow-letters";
import {
  type FlowSettings,
  readFlowSettings,
  refuseFlowSettings,
  refuseLetters,
  refuseWorkerLabel,
  writeFlowSettings,
} from "./flow-settings";
import { WorkerLabelField } from "./worker-label-field";

/**
 * What belongs to the flow as a whole: its title, what it is for, which workers run it, which runs are kept, where dead letters go. One
 * step that can be undone.
 */
export function FlowSettingsDialog() {
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const name = useDesigner((state) => state.document.name);
  const [settings, setSettings] = useState(() => readFlowSettings(store.getState().document));
  const change = (part: Partial<FlowSettings>) => setSettings((before) => ({ ...before, ...part }));
  const refused = refuseFlowSettings(settings);
  const refusedLabel = refuseWorkerLabel(settings);
  const holds = refused === null && refusedLabel === null && refuseLetters(settings) === null;
  const close = () => store.getState().set({ settingUp: false });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!holds || readOnly) return;
    const { document, apply } = store.getState();
    apply(writeFlowSettings(document, settings));
    close();
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      title="Flow settings"
      footer={
        <>
          <Button onClick={close}>{readOnly ? "Close" : "Cancel"}</Button>
          {readOnly ? null : (
            <Button variant="primary" type="submit" form="flow-settings" disabled={!holds}>
              Apply
            </Button>
          )}
        </>
      }
    >
      <form id="flow-settings" onSubmit={submit}>
        <fieldset disabled={readOnly} className="flex min-w-0 flex-col gap-4">
          <Field label="Title">
            {(control) => (
              <Input
                {...control}
                value={settings.title}
                maxLength={120}
                placeholder={name}
                autoComplete="off"
                onChange={(event) => change({ title: event.target.value })}
              />
            )}
          </Field>
          <Field label="Description" aside="optional">
            {(control) => (
              <Textarea
                {...control}
                value={settings.description}
                maxLength={2000}
                placeholder="What the flow is for"
                onChange={(event) => change({ description: event.target.value })}
              />
            )}
          </Field>
          <DeliveryChoice value={settings.delivery} onChange={(delivery) => change({ delivery })} />
          <WorkerLabelField
            value={settings.workers}
            refused={refusedLabel}
            onChange={(workers) => change({ workers })}
          />
          <KeptRuns settings={settings} refused={refused} onChange={change} />
          <FlowLetters settings={settings} onChange={change} />
          <Field label="Tests">
            {(control) => (
              <span className="flex items-center gap-2">
                <Switch
                  {...control}
                  checked={settings.requireTests}
                  onCheckedChange={(requireTests) => change({ requireTests })}
                  label="Deploy only when all tests pass"
                />
                Deploy only when all tests pass
              </span>
            )}
          </Field>
          <FlowHolding settings={settings} onChange={change} />
        </fieldset>
      </form>
    </Dialog>
  );
}

function KeptRuns({
  settings,
  refused,
  onChange,
}: {
  settings: FlowSettings;
  refused: string | null;
  onChange(part: Partial<FlowSettings>): void;
}) {
  const option = (keep: FlowSettings["keep"], label: string, hint: string, number?: ReactNode) => (
    <div className="rounded-md px-1 py-1 hover:bg-hover">
      <label className="flex cursor-pointer items-start gap-2">
        <input
          type="radio"
          name="keep"
          className="mt-1 accent-(--accent)"
          checked={settings.keep === keep}
          onChange={() => onChange({ keep })}
        />
        <span className="min-w-0 flex-1">
          {label}
          <span className="block text-12 text-muted">{hint}</span>
        </span>
      </label>
      {number && settings.keep === keep ? (
        <div className="mt-1 pl-6">
          <span className="flex items-center gap-2">{number}</span>
          {refused ? (
            <p id="kept-runs-error" className="mt-1 text-12 text-bad">
              {refused}
            </p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
  const number = (label: string, field: "perSecond" | "percent", unit: string) => (
    <>
      <input
        inputMode="decimal"
        aria-label={label}
        aria-invalid={refused ? true : undefined}
        aria-describedby={refused ? "kept-runs-error" : undefined}
        autoComplete="off"
        className={`${inputClass} h-[30px] !w-24`}
        value={settings[field]}
        onChange={(event) => onChange({ [field]: event.target.value })}
      />
      <span className="text-muted">{unit}</span>
    </>
  );
  return (
    <fieldset>
      <legend className="font-semibold">Runs that are kept</legend>
      <p className="mb-1 text-12 text-muted">
        Failed ones always are kept. It counts for messages from the next deploy on; kept runs stay.
      </p>
      {option("failed", "Failed runs only", "The least to store.")}
      {option(
        "rate",
        "Some each second",
        "However much passes, about as many are there to look at.",
        number("Runs each second", "perSecond", "each second and worker"),
      )}
      {option(
        "share",
        "A share",
        "Of all messages, chosen at random.",
        number("Share in percent", "percent", "% of the messages"),
      )}
      {option("all", "All", "Every run can be looked up; with many messages it takes much room and slows the flow.")}
    </fieldset>
  );
}
