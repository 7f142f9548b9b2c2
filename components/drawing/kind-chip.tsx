import "./drawing.css";
import clsx from "clsx";
import type { CSSProperties } from "react";
import type { Kind } from "@/flow/kind";
import { colourOf } from "./categories";
import { iconOf } from "./icons";

/** The icon of a kind on a soft ground in the colour of its category. */
export function KindChip({ kind, className }: { kind: Kind | undefined; className?: string }) {
  const Icon = iconOf(kind?.icon);
  const style = { "--c": kind ? colourOf[kind.category] : "var(--idle)" } as CSSProperties;
  return (
    <span style={style} className={clsx("kind-chip", className)} aria-hidden>
      <Icon />
    </span>
  );
}
