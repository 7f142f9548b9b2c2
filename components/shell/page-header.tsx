import Link from "next/link";
import { Fragment, type ReactNode } from "react";

export interface Crumb {
  label: ReactNode;
  href?: string;
}

/** The line above a page: where one is, what state it has, its views, its actions. */
export function PageHeader({
  crumbs = [],
  title,
  after,
  badge,
  tabs,
  children,
}: {
  /** Before the title. */
  crumbs?: readonly Crumb[];
  title: ReactNode;
  /** Crumbs behind the title: `/ Runs / o-4711`. */
  after?: readonly Crumb[];
  badge?: ReactNode;
  tabs?: ReactNode;
  /** Actions, right. */
  children?: ReactNode;
}) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-3 border-b bg-surface pl-4 pr-3">
      <div className="flex min-w-0 items-center gap-1.5">
        {crumbs.map((crumb, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: crumbs are a path, their place is their identity
          <Fragment key={index}>
            <CrumbText crumb={crumb} />
            <span className="text-faint" aria-hidden>
              /
            </span>
          </Fragment>
        ))}
        <h1 className="truncate text-14 font-semibold">{title}</h1>
        {after?.map((crumb, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <Fragment key={index}>
            <span className="text-faint" aria-hidden>
              /
            </span>
            <CrumbText crumb={crumb} />
          </Fragment>
        ))}
      </div>
      {badge}
      {tabs ? <div className="ml-2">{tabs}</div> : null}
      <div className="flex min-w-0 flex-1 items-center justify-end gap-2">{children}</div>
    </header>
  );
}

function CrumbText({ crumb }: { crumb: Crumb }) {
  if (!crumb.href) return <span className="truncate text-muted">{crumb.label}</span>;
  return (
    <Link href={crumb.href} className="truncate text-muted hover:text-text">
      {crumb.label}
    </Link>
  );
}

/** Header and scrolling body of an ordinary page. */
export function Page({ header, children }: { header: ReactNode; children: ReactNode }) {
  return (
    <div className="flex h-full min-h-0 flex-col">
      {header}
      <div className="thin-scroll min-h-0 flex-1 overflow-auto">{children}</div>
    </div>
  );
}
