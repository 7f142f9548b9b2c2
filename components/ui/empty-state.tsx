import type { ReactNode } from "react";

/** Where a list has nothing: what this is, why it is empty, and the next step as a button. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-6 py-16 text-center">
      {icon ? (
        <span
          className="mb-4 grid size-11 place-items-center rounded-lg border border-line bg-surface text-muted [&_svg]:size-5"
          aria-hidden
        >
          {icon}
        </span>
      ) : null}
      <h2 className="text-14 font-semibold">{title}</h2>
      {children ? <div className="mt-1 text-muted">{children}</div> : null}
      {action ? <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}
