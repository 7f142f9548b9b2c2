import clsx from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";

/** Tabs that are pages of their own: links in the header. */
export function NavTabs({
  tabs,
  current,
  label = "Views of this flow",
}: {
  tabs: readonly { href: string; label: ReactNode; id: string }[];
  current: string;
  label?: string;
}) {
  return (
    <nav aria-label={label} className="flex gap-0.5">
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          href={tab.href}
          aria-current={tab.id === current ? "page" : undefined}
          className={clsx(
            "rounded-md px-2.5 py-1 transition-colors",
            tab.id === current ? "bg-sunken font-medium text-text" : "text-muted hover:bg-hover hover:text-text",
          )}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
