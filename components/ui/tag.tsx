import clsx from "clsx";
import type { ReactNode } from "react";
import type { Tone } from "./callout";

const soft: Record<Tone, string> = {
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  idle: "bg-sunken text-muted",
  accent: "bg-accent-soft text-accent",
  undo: "bg-undo-soft text-undo",
};
const fill: Record<Tone, string> = {
  ok: "bg-ok",
  warn: "bg-warn",
  bad: "bg-bad",
  idle: "bg-idle",
  accent: "bg-accent",
  undo: "bg-undo",
};

/** Words in a state's colour. */
export const inkOf: Readonly<Record<Tone, string>> = {
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  idle: "text-muted",
  accent: "text-accent",
  undo: "text-undo",
};

/** A short word on a soft ground: a port's name, a kind, a count. */
export function Tag({
  tone = "idle",
  mono = false,
  className,
  children,
}: {
  tone?: Tone;
  mono?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={clsx(
        "inline-flex h-[18px] max-w-full items-center gap-1 truncate whitespace-nowrap rounded-sm px-1.5 text-12 font-medium",
        mono && "font-mono",
        soft[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

/** The state as a dot. Never alone: a word stands beside it, or `label` is read out. `hollow` = not running. */
export function Dot({
  tone = "idle",
  hollow = false,
  pulse = false,
  label,
  className,
}: {
  tone?: Tone;
  hollow?: boolean;
  pulse?: boolean;
  label?: string;
  className?: string;
}) {
  const colour = hollow
    ? clsx("border-2 bg-transparent", {
        "border-idle": tone === "idle",
        "border-bad": tone === "bad",
        "border-warn": tone === "warn",
        "border-ok": tone === "ok",
        "border-undo": tone === "undo",
      })
    : fill[tone];
  return (
    <span
      {...(label ? { role: "img", "aria-label": label, title: label } : { "aria-hidden": true })}
      className={clsx("inline-block size-2 shrink-0 rounded-full", colour, pulse && "animate-wait", className)}
    />
  );
}

/** A rounded badge with a border: the running version, the state of a run. */
export function Pill({
  tone,
  dot,
  className,
  children,
}: {
  tone?: Tone;
  dot?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={clsx(
        "inline-flex max-w-full items-center gap-1.5 truncate whitespace-nowrap rounded-full border px-2 py-[3px] text-12",
        tone && !dot ? clsx("border-transparent", soft[tone]) : "border-line bg-surface text-muted",
        className,
      )}
    >
      {dot ? <Dot tone={tone ?? "idle"} /> : null}
      {children}
    </span>
  );
}
