"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Input, Textarea } from "../ui/input";
import { Switch } from "../ui/switch";
import { useDesigner, useDesignerStore } from "./context";
import { DeliveryChoice } from "./delivery-choice";
import { FlowHolding } from "./flow-holding";
import { FlowLetters } from "./flow-letters";
import { FlowRecording } from "./flow-recording";
import {
  type FlowSettings,
  readFlowSettings,
  refuseLetters,
  refuseWorkerLabel,
  writeFlowSettings,
} from "./flow-settings";
import { holdsRecording } from "./recording-checks";
import { WorkerLabelField } from "./worker-label-field";

/**
 * What belongs to the flow as a whole: its title, what it is for, which workers run it, what it records, where dead letters go. One
 * step that can be undone.
 */
export function FlowSettingsDialog() {
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const name = useDesigner((state) => state.document.name);
  const [settings, setSettings] = useState(() => readFlowSettings(store.getState().document));
  const change = (part: Partial<FlowSettings>) => setSettings((before) => ({ ...before, ...part }));
  const refusedLabel = refuseWorkerLabel(settings);
  const holds = holdsRecording(settings) && refusedLabel === null && refuseLetters(settings) === null;
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
          <FlowRecording settings={settings} onChange={change} />
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
