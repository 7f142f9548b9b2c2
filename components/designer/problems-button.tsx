"use client";

import clsx from "clsx";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { formatPlural } from "../ui/formats";
import { useDesigner } from "./context";
import { LazyPopover } from "./lazy-popover";

const ProblemsList = dynamic(() => import("./problems-list").then((module) => module.ProblemsList), { ssr: false });

/** How many problems there are; the list on a press. */
export function ProblemsButton() {
  const problems = useDesigner((state) => state.problems);
  const empty = useDesigner((state) => state.document.nodes.length === 0);
  const unchecked = useDesigner((state) => state.brokersUnchecked);
  const [open, setOpen] = useState(false);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  if (empty) return null;
  const words = [
    errors > 0 ? formatPlural(errors, "problem") : "",
    warnings > 0 ? formatPlural(warnings, "warning") : "",
  ].filter(Boolean);
  const Icon = errors > 0 ? CircleAlert : warnings > 0 ? TriangleAlert : CircleCheck;
  return (
    <LazyPopover
      open={open}
      onOpenChange={setOpen}
      side="top"
      className="!w-[440px]"
      trigger={
        <button
          type="button"
          className={clsx(
            "flex h-8 items-center gap-1.5 rounded-md border border-line bg-surface px-2.5 text-12 hover:bg-hover",
            errors > 0 ? "text-bad" : warnings > 0 ? "text-warn" : "text-muted",
          )}
          data-testid="problems"
        >
          <Icon className="size-3.5" aria-hidden />
          {words.length > 0 ? words.join(", ") : <span className="sr-only">No problems</span>}
        </button>
      }
    >
      <h3 className="font-semibold">{words.length > 0 ? words.join(", ") : "Nothing is wrong with this drawing"}</h3>
      {unchecked ? (
        <p className="mt-1 text-12 text-muted">
          Topics could not be looked up: no worker answers, or the broker does not.
        </p>
      ) : null}
      <div className="thin-scroll mt-2 max-h-80 overflow-y-auto">
        <ProblemsList problems={problems} onGo={() => setOpen(false)} />
      </div>
    </LazyPopover>
  );
}
