"use client";

import { useEffect, useState } from "react";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { JsonBox } from "./json-box";
import type { StartMessage } from "./simulate-step";

/** The message that begins the saga, to be changed. */
export function ExampleMessage({
  message,
  words,
  onChange,
  onReset,
}: {
  message: StartMessage;
  /** Where it is from. */
  words: string;
  onChange(message: StartMessage): void;
  onReset: (() => void) | undefined;
}) {
  const [key, setKey] = useState(message.key ?? "");
  useEffect(() => setKey(message.key ?? ""), [message.key]);
  return (
    <section className="border-t px-4 py-3" aria-label="Start message">
      <div className="mb-2 flex h-6 items-center justify-between gap-2">
        <h3 className="shrink-0 font-semibold">Start message</h3>
        {onReset ? (
          <Button size="sm" variant="ghost" onClick={onReset}>
            Reset
          </Button>
        ) : (
          <span className="min-w-0 truncate text-12 text-faint" title={words}>
            {words}
          </span>
        )}
      </div>
      <div className="flex flex-col gap-3">
        <Field label="Key">
          {(control) => (
            <Input
              {...control}
              mono
              value={key}
              placeholder="no key"
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => {
                setKey(event.target.value);
                onChange({ ...message, key: event.target.value === "" ? null : event.target.value });
              }}
            />
          )}
        </Field>
        <JsonBox label="Body" value={message.body} rows={8} onChange={(body) => onChange({ ...message, body })} />
      </div>
    </section>
  );
}
