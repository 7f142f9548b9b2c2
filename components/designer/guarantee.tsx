"use client";

import clsx from "clsx";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { formatPlural } from "../ui/formats";
import { useDesigner } from "./context";
import { markedNodes } from "./indexes";
import { LazyPopover } from "./lazy-popover";

// A chunk of its own: who looks at the drawing need not load what explains it.
const GuaranteePanel = dynamic(() => import("./guarantee-panel").then((module) => module.GuaranteePanel), {
  ssr: false,
});

/** What the flow guarantees, always in sight; by which paths, and what weakens them, on a press. */
export function Guarantee() {
  const semantics = useDesigner((state) => state.semantics);
  const empty = useDesigner((state) => state.document.nodes.length === 0);
  const [open, setOpen] = useState(false);
  if (!semantics || empty) return null;
  const weakened = markedNodes(semantics).size;
  const Icon = weakened > 0 ? ShieldAlert : ShieldCheck;
  return (
    <LazyPopover
      open={open}
      onOpenChange={setOpen}
      side="top"
      className="!w-[480px] !p-0"
      trigger={
        <button
          type="button"
          className="flex h-8 items-center gap-1.5 rounded-md border border-line bg-surface px-2.5 text-12 text-text hover:bg-hover"
          data-testid="guarantee"
        >
          <Icon className={clsx("size-3.5", weakened > 0 ? "text-warn" : "text-muted")} aria-hidden />
          {semantics.summary}
          {weakened > 0 ? <span className="sr-only">, weakened at {formatPlural(weakened, "node")}</span> : null}
        </button>
      }
    >
      <GuaranteePanel semantics={semantics} onGo={() => setOpen(false)} />
    </LazyPopover>
  );
}
