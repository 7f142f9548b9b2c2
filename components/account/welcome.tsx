"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { AccountCard } from "./account-card";
import { createFirstAccount } from "./requests";

/** Shortest password that the server takes. */
const minPasswordLength = 8;

export function Welcome() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await createFirstAccount(String(form.get("name")), String(form.get("email")), String(form.get("password")));
      location.assign("/flows");
    } catch (cause) {
      setError((cause as Error).message);
      setBusy(false);
    }
  }

  return (
    <AccountCard
      title="Welcome"
      intro="Create the administrator’s account. It stays on this installation; after it, sign-up is closed and you add people in Settings."
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name">
          {(field) => <Input {...field} name="name" required autoComplete="name" autoFocus maxLength={120} />}
        </Field>
        <Field label="Email">
          {(field) => <Input {...field} name="email" type="email" required autoComplete="username" />}
        </Field>
        <Field label="Password" hint={`At least ${minPasswordLength} characters.`}>
          {(field) => (
            <Input
              {...field}
              name="password"
              type="password"
              required
              minLength={minPasswordLength}
              autoComplete="new-password"
            />
          )}
        </Field>
        {error ? <Callout tone="bad">{error}</Callout> : null}
        <Button type="submit" variant="primary" size="lg" busy={busy}>
          Create account
        </Button>
      </form>
    </AccountCard>
  );
}
