import clsx from "clsx";
import type { CSSProperties } from "react";
import type { Kind } from "@/flow/kind";
import { colourOf } from "./categories";
import { iconOf } from "./icons";

/** Utilities and no stylesheet: the chip also stands in lists that do not load the canvas. */
export const chipClass =
  "grid size-7 shrink-0 place-items-center rounded-md bg-[color-mix(in_srgb,var(--c)_12%,transparent)] text-(--c) [&_svg]:size-4 [&_svg]:stroke-[1.75]";

/** The icon of a kind on a soft ground in the colour of its category. */
export function KindChip({ kind, className }: { kind: Kind | undefined; className?: string }) {
  const Icon = iconOf(kind?.icon);
  const style = { "--c": kind ? colourOf[kind.category] : "var(--idle)" } as CSSProperties;
  return (
    <span style={style} className={clsx(chipClass, className)} aria-hidden>
      <Icon />
    </span>
  );
}
