"use client";

import type { DeadLetterView } from "@/server/views";
import { Callout } from "../ui/callout";
import { Field } from "../ui/field";
import { formatPlural } from "../ui/formats";
import { Input } from "../ui/input";
import { Segments } from "../ui/tabs";
import type { Target } from "./redrive-request";

/** To the node where each failed, or the whole way again from its source. */
export function TargetChoice({
  target,
  letter,
  onChange,
}: {
  target: Target;
  /** Names the places when it is a single one. */
  letter: DeadLetterView | undefined;
  onChange(target: Target): void;
}) {
  return (
    <div>
      <p className="mb-1 font-medium">Where to</p>
      <Segments<Target>
        label="Where to"
        value={target}
        onValueChange={onChange}
        options={[
          { value: "node", label: letter ? `To ${letter.nodeTitle}` : "To the node where it failed" },
          { value: "source", label: letter ? `To the source ${letter.source}` : "To its source" },
        ]}
      />
      <p className="mt-1 text-12 text-muted">
        {target === "node"
          ? "Goes on from where it failed. What happened before is not done again."
          : "Takes the whole way again, as it came in. Steps before the failure are done a second time."}
      </p>
    </div>
  );
}

/** Many at once are confirmed by their number. */
export function TypedCount({
  count,
  value,
  onChange,
}: {
  count: number;
  value: string;
  onChange(value: string): void;
}) {
  return (
    <Field
      label={
        <>
          Type <span className="font-mono">{count}</span> to confirm
        </>
      }
      hint="Messages that were sent cannot be called back. While they are sent, it can be paused and stopped."
    >
      {(field) => (
        <Input
          {...field}
          mono
          className="!w-40"
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** What a second delivery does at the sinks behind, in the server's words; and how often it was sent already. */
export function Repeat({ letter, one }: { letter: DeadLetterView; one: boolean }) {
  return (
    <Callout tone="idle" title="What may happen twice">
      {letter.repeat}
      {one && letter.sends > 0 ? ` It was sent ${formatPlural(letter.sends, "time")} before.` : ""}
    </Callout>
  );
}
