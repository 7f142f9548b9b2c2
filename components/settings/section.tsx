import type { ReactNode } from "react";

/** A part of the settings: what it is about, its action, its content. */
export function Section({
  title,
  about,
  action,
  children,
}: {
  title: string;
  about: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="mx-auto max-w-[880px] px-4 py-6">
      <div className="mb-4 flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h2 className="text-16 font-semibold">{title}</h2>
          <p className="text-muted">{about}</p>
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
