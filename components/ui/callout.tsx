import clsx from "clsx";
import { CircleAlert, CircleCheck, Info, TriangleAlert, Undo2 } from "lucide-react";
import type { ReactNode } from "react";

export type Tone = "ok" | "warn" | "bad" | "idle" | "accent" | "undo";

const looks = {
  ok: { box: "bg-ok-soft", title: "text-ok", icon: CircleCheck },
  warn: { box: "bg-warn-soft", title: "text-warn", icon: TriangleAlert },
  bad: { box: "bg-bad-soft", title: "text-bad", icon: CircleAlert },
  idle: { box: "bg-sunken", title: "text-text", icon: Info },
  accent: { box: "bg-accent-soft", title: "text-accent", icon: Info },
  undo: { box: "bg-undo-soft", title: "text-undo", icon: Undo2 },
} as const;

/** A few sentences that must be read, at the place they are about. */
export function Callout({
  tone = "idle",
  title,
  code,
  action,
  children,
  className,
}: {
  tone?: Tone;
  title?: ReactNode;
  /** Stable code, to search for. */
  code?: string | null;
  action?: ReactNode;
  children?: ReactNode;
  className?: string;
}) {
  const look = looks[tone];
  const Icon = look.icon;
  return (
    <div
      className={clsx("flex items-start gap-2.5 rounded-md px-3 py-2.5", look.box, className)}
      role={tone === "bad" ? "alert" : undefined}
    >
      <Icon className={clsx("mt-0.5 size-4 shrink-0", look.title)} aria-hidden />
      <div className="min-w-0 flex-1 break-words">
        {title ? <p className={clsx("font-semibold", look.title)}>{title}</p> : null}
        {children ? <div className="text-13">{children}</div> : null}
        {code ? <p className="mt-0.5 font-mono text-12 text-muted">{code}</p> : null}
      </div>
      {action}
    </div>
  );
}
