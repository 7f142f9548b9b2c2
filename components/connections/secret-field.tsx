"use client";

import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Tag } from "../ui/tag";

/** A secret: set or not set, never shown. `undefined` leaves it as it is, an empty text takes it away. */
export function SecretField({
  secret,
  isSet,
  value,
  onChange,
}: {
  secret: { name: string; title: string; help?: string };
  isSet: boolean;
  value: string | undefined;
  onChange(value: string | undefined): void;
}) {
  const kept = isSet && value === undefined;
  const removed = isSet && value === "";
  return (
    <Field
      label={secret.title}
      help={secret.help}
      aside={
        kept ? (
          <Tag tone="ok">set</Tag>
        ) : removed ? (
          <Tag tone="warn">will be taken away</Tag>
        ) : isSet ? (
          <Tag tone="accent">will be replaced</Tag>
        ) : (
          <Tag>not set</Tag>
        )
      }
      hint="Stored encrypted; never shown again."
    >
      {(field) => (
        <div className="flex gap-2">
          <Input
            {...field}
            type="password"
            autoComplete="new-password"
            value={value ?? ""}
            placeholder={kept ? "•••••••• (unchanged)" : ""}
            onChange={(event) => onChange(event.target.value === "" && !removed ? undefined : event.target.value)}
          />
          {isSet ? (
            <Button onClick={() => onChange(kept ? "" : undefined)}>{kept ? "Take away" : "Keep"}</Button>
          ) : null}
        </div>
      )}
    </Field>
  );
}
