import clsx from "clsx";

/** Where something will stand in a moment. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={clsx("block animate-wait rounded-sm bg-line", className ?? "h-3 w-24")} />;
}

const widths = ["w-40", "w-56", "w-32", "w-48", "w-64", "w-36"];

/** Rows of a list that is being loaded. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without identity
        <div key={row} className="flex h-8 items-center gap-4 border-b px-4">
          <Skeleton className="size-2 rounded-full" />
          <Skeleton className={clsx("h-3", widths[row % widths.length])} />
          <Skeleton className="ml-auto h-3 w-16" />
        </div>
      ))}
    </div>
  );
}
