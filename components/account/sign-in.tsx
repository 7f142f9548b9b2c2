"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { AccountCard } from "./account-card";
import { readTarget, signIn } from "./requests";

export function SignIn() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await signIn(String(form.get("email")), String(form.get("password")));
      location.assign(readTarget(location.search));
    } catch (cause) {
      setError((cause as Error).message);
      setBusy(false);
    }
  }

  return (
    <AccountCard title="Sign in" intro="Draw event flows, deploy them, see them run.">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Email">
          {(field) => <Input {...field} name="email" type="email" required autoComplete="username" autoFocus />}
        </Field>
        <Field label="Password">
          {(field) => <Input {...field} name="password" type="password" required autoComplete="current-password" />}
        </Field>
        {error ? <Callout tone="bad">{error}</Callout> : null}
        <Button type="submit" variant="primary" size="lg" busy={busy}>
          Sign in
        </Button>
      </form>
      <p className="mt-4 text-12 text-muted">No account yet? An administrator invites people in Settings.</p>
    </AccountCard>
  );
}
