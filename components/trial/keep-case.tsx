"use client";

import { FlaskConical } from "lucide-react";
import { type FormEvent, useState } from "react";
import { nameCase } from "@/flow/name-case";
import { addCases, caseOfTrial, casesOf, refuseCases, refuseName } from "../cases/edit-cases";
import { useDesigner, useDesignerStore } from "../designer/context";
import { LazyPopover } from "../designer/lazy-popover";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { notifyDone } from "../ui/toast";
import type { Tried } from "./trial-panel";

/** Keeps what was tried as a case of the flow, under a name that is proposed. */
export function KeepCase({
  tried,
  waits,
}: {
  tried: Tried;
  /** Another message stands there than was tried. */
  waits: boolean;
}) {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const readOnly = useDesigner((state) => state.readOnly);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  if (readOnly) return null;
  const taken = new Set(casesOf(document).map(({ name }) => name));
  const name = typed ?? nameCase(document, tried.at, tried.message, taken);
  const refused = refuseName(document, name) ?? refuseCases(document, 1);
  function keep(event: FormEvent) {
    event.preventDefault();
    if (refused) return;
    const { document: drawn, apply } = store.getState();
    apply(addCases(drawn, [caseOfTrial(name.trim(), tried.at, tried.message, tried.trial)]));
    setOpen(false);
    setTyped(null);
    notifyDone(`Kept as case “${name.trim()}”`);
  }
  return (
    <LazyPopover
      open={open}
      onOpenChange={setOpen}
      side="top"
      className="!w-80"
      trigger={
        <Button
          icon={<FlaskConical />}
          disabled={waits}
          title={waits ? "The message was changed. Try it, then keep it." : undefined}
        >
          Keep as test case
        </Button>
      }
    >
      <form onSubmit={keep} className="flex flex-col gap-3">
        <Field label="Name" error={typed === null ? undefined : refused} hint="What came out now is what it expects.">
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={name}
              maxLength={120}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" disabled={refused !== null} className="self-end">
          Keep
        </Button>
      </form>
    </LazyPopover>
  );
}
