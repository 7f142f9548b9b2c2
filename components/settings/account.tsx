"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMe } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { formatPlural } from "../ui/formats";
import { Input } from "../ui/input";
import { notifyDone } from "../ui/toast";
import { Section } from "./section";

const shortest = 8;
const empty = { current: "", next: "", again: "" };

/** One's own password: another one ends one's other sessions. */
export function Account() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const me = useMe();
  const [typed, setTyped] = useState(empty);
  const change = useMutation(
    trpc.settings.changePassword.mutationOptions({
      onSuccess: async ({ ended }) => {
        setTyped(empty);
        await queries.invalidateQueries({ queryKey: trpc.settings.sessions.queryKey() });
        notifyDone("Password changed", {
          description:
            ended > 0 ? `${formatPlural(ended, "other session")} of yours ended.` : "You stay signed in here.",
        });
      },
    }),
  );
  const { current, next, again } = typed;
  const set = (field: keyof typeof empty) => (event: { target: { value: string } }) =>
    setTyped({ ...typed, [field]: event.target.value });
  const isShort = next !== "" && next.length < shortest;
  const differs = again !== "" && again !== next;
  const isReady = current !== "" && next.length >= shortest && again === next;
  return (
    <Section
      title="Account"
      about={`${me.name}, ${me.email}. Another password ends your sessions elsewhere; this one stays.`}
    >
      <form
        className="flex max-w-[420px] flex-col gap-4 rounded-lg border border-line bg-surface p-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) change.mutate({ current, next });
        }}
      >
        {/* Browsers keep a password under the name that stands before it. */}
        <input type="hidden" name="username" autoComplete="username" value={me.email} readOnly />
        <Field label="Current password">
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              value={current}
              onChange={set("current")}
            />
          )}
        </Field>
        <Field
          label="New password"
          hint={`At least ${shortest} characters.`}
          error={isShort ? `At least ${shortest} characters.` : undefined}
        >
          {(control) => (
            <Input {...control} type="password" autoComplete="new-password" value={next} onChange={set("next")} />
          )}
        </Field>
        <Field label="New password again" error={differs ? "This is not the same." : undefined}>
          {(control) => (
            <Input {...control} type="password" autoComplete="new-password" value={again} onChange={set("again")} />
          )}
        </Field>
        {change.error ? (
          <Callout tone="bad" title="The password was not changed" code={wordsOfError(change.error).code}>
            {wordsOfError(change.error).message}
          </Callout>
        ) : null}
        <div>
          <Button type="submit" variant="primary" busy={change.isPending} disabled={!isReady}>
            Change password
          </Button>
        </div>
      </form>
    </Section>
  );
}
