"use client";

import type { PlainMessage } from "@/flow/control";
import { HeadersField } from "../form/headers-field";
import { JsonField } from "../form/json-field";
import { isJson } from "../payload/is-json";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";

/** Body, key and headers of a message, to be typed. */
export function MessageForm({
  draft,
  onChange,
  readsJson,
  readOnly = false,
  bodyClass = "max-h-64 min-h-28",
}: {
  draft: PlainMessage;
  onChange(draft: PlainMessage): void;
  /** The source reads JSON: a body that is none is worth a word. */
  readsJson: boolean;
  readOnly?: boolean;
  bodyClass?: string;
}) {
  const set = (change: Partial<PlainMessage>) => onChange({ ...draft, ...change });
  const broken = readsJson && draft.value !== null && draft.encoding === "text" && !isJson(draft.value);
  return (
    <fieldset disabled={readOnly} className="flex min-w-0 flex-col gap-3">
      <JsonField
        label="Body"
        value={draft.value ?? ""}
        readOnly={readOnly}
        className={bodyClass}
        hint={
          broken
            ? "This is not JSON. It can be tried like that, and fails where JSON is read."
            : draft.encoding === "base64"
              ? "Bytes, as base64."
              : draft.value === null
                ? "No value: a tombstone."
                : undefined
        }
        onChange={(value) => {
          if (value !== (draft.value ?? "")) set({ value });
        }}
        aside={
          draft.value === null || readOnly ? null : (
            <Button size="sm" variant="ghost" onClick={() => set({ value: null })}>
              No value
            </Button>
          )
        }
      />
      <Field label="Key" aside="optional">
        {(control) => (
          <Input
            {...control}
            mono
            value={draft.key ?? ""}
            placeholder="no key"
            onChange={(event) => set({ key: event.target.value === "" ? null : event.target.value })}
          />
        )}
      </Field>
      <HeadersField headers={draft.headers} onChange={(headers) => set({ headers })} />
    </fieldset>
  );
}
