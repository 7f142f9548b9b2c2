"use client";

import { Switch } from "../ui/switch";

/** Lets new rows in by themselves; pauses while something is read, and says so in the place of its name. */
export function FollowSwitch({ on, onChange, paused }: { on: boolean; onChange(on: boolean): void; paused: boolean }) {
  const rests = on && paused;
  return (
    <span
      className="flex shrink-0 items-center gap-2 text-12 text-muted"
      title={
        rests ? "New runs wait while a row is marked or the list is scrolled down. Esc in the list goes on." : undefined
      }
    >
      <label htmlFor="follow-runs" className="relative">
        {/* The wider of its words keeps the room. */}
        <span className={rests ? "invisible" : undefined}>Follow</span>
        {rests ? (
          <span aria-hidden className="absolute inset-y-0 right-0 font-medium text-warn">
            Paused
          </span>
        ) : null}
      </label>
      <Switch id="follow-runs" checked={on} onCheckedChange={onChange} />
      <span role="status" className="sr-only">
        {rests ? "Follow pauses while you read" : ""}
      </span>
    </span>
  );
}
