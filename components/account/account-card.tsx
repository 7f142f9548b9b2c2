import type { ReactNode } from "react";
import { Logo } from "../shell/logo";

/** The frame of the two pages that stand outside of the house. */
export function AccountCard({ title, intro, children }: { title: string; intro: ReactNode; children: ReactNode }) {
  return (
    <main className="dotted grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-[400px] max-w-full">
        <div className="mb-6 flex items-center gap-2.5 text-accent">
          <Logo className="size-7" />
          <span className="text-16 font-semibold text-text">Millrace</span>
        </div>
        <div className="rounded-lg border border-line bg-surface p-6 shadow-node">
          <h1 className="text-20 font-semibold">{title}</h1>
          <div className="mb-5 mt-1 text-muted">{intro}</div>
          {children}
        </div>
      </div>
    </main>
  );
}
