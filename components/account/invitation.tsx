"use client";

import { type FormEvent, useState } from "react";
import type { InvitationLook } from "@/server/views";
import { labelOfRole } from "../settings/roles";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { AccountCard } from "./account-card";
import { joinByInvitation } from "./requests";

/** Who was invited says their name, chooses a password, and is signed in. */
export function Invitation({
  secret,
  look,
  signedInAs,
}: {
  secret: string;
  look: Extract<InvitationLook, { state: "open" }>;
  /** Somebody who is signed in in this browser: the new account takes their place. */
  signedInAs: string | null;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await joinByInvitation(secret, String(form.get("name")), String(form.get("password")));
      location.assign("/flows");
    } catch (cause) {
      setError((cause as Error).message);
      setBusy(false);
    }
  }

  return (
    <AccountCard
      title="You are invited"
      intro={
        <>
          Your account is <strong className="font-medium text-text">{look.email}</strong>, with the role{" "}
          {labelOfRole(look.role).toLowerCase()}. Choose a password to sign in with.
        </>
      }
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        {signedInAs ? (
          <Callout tone="warn">
            {signedInAs} is signed in in this browser. Taking the invitation signs you in instead.
          </Callout>
        ) : null}
        {/* For password managers: which account the new password is of. */}
        <input type="email" name="email" value={look.email} readOnly autoComplete="username" hidden />
        <Field label="Name">
          {(field) => (
            <Input
              {...field}
              name="name"
              required
              autoFocus
              maxLength={120}
              autoComplete="name"
              defaultValue={look.name}
            />
          )}
        </Field>
        <Field label="Password" hint="At least 8 characters.">
          {(field) => (
            <Input
              {...field}
              name="password"
              type="password"
              required
              minLength={8}
              maxLength={128}
              autoComplete="new-password"
            />
          )}
        </Field>
        {error ? <Callout tone="bad">{error}</Callout> : null}
        <Button type="submit" variant="primary" size="lg" busy={busy}>
          Create account and sign in
        </Button>
      </form>
    </AccountCard>
  );
}
