"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Switch } from "../ui/switch";

/** Keeps the filter that is shown under a name. */
export function KeepViewForm({
  busy,
  mayShare,
  onKeep,
}: {
  busy: boolean;
  mayShare: boolean;
  onKeep(view: { name: string; shared: boolean }): void;
}) {
  const [shared, setShared] = useState(false);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "").trim();
    if (name) onKeep({ name, shared });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2 border-t pt-3">
      <Field label="Keep this filter as">
        {(field) => <Input {...field} name="name" maxLength={80} placeholder="Dead in the last hour" />}
      </Field>
      {mayShare ? (
        <span className="flex items-center gap-2 text-12 text-muted">
          <Switch id="share-view" checked={shared} onCheckedChange={setShared} />
          <label htmlFor="share-view">Everybody sees it</label>
        </span>
      ) : null}
      <Button type="submit" busy={busy}>
        Keep
      </Button>
    </form>
  );
}
