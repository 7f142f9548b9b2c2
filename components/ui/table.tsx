import clsx from "clsx";
import type { ComponentProps } from "react";

/** A dense table with rows of 32 px and a head that stays. */
export function Table({ className, ...rest }: ComponentProps<"table">) {
  return <table className={clsx("w-full border-separate border-spacing-0 text-left", className)} {...rest} />;
}

/** Head cell; `align="right"` for numbers. */
export function Th({ className, align, ...rest }: ComponentProps<"th"> & { align?: "left" | "right" }) {
  return (
    <th
      scope="col"
      className={clsx(
        "sticky top-0 z-10 h-8 whitespace-nowrap border-b bg-surface px-3 text-12 font-medium text-muted first:pl-4 last:pr-4",
        align === "right" && "text-right",
        className,
      )}
      {...rest}
    />
  );
}

/** Body cell: one line, cut with an ellipsis. */
export function Td({ className, align, ...rest }: ComponentProps<"td"> & { align?: "left" | "right" }) {
  return (
    <td
      className={clsx(
        "h-8 max-w-0 truncate border-b px-3 first:pl-4 last:pr-4",
        align === "right" && "text-right",
        className,
      )}
      {...rest}
    />
  );
}

/** A row that opens something: pointer and ground on hover. */
export function Tr({ selected, className, ...rest }: ComponentProps<"tr"> & { selected?: boolean }) {
  return (
    <tr
      aria-selected={selected}
      className={clsx(selected ? "bg-accent-soft" : "hover:bg-hover", className)}
      {...rest}
    />
  );
}
