"use client";

import clsx from "clsx";
import { CircleAlert, CircleCheck, FlaskConical, LoaderCircle, ScanSearch } from "lucide-react";
import Link from "next/link";
import { formatPlural } from "../ui/formats";
import { Tooltip } from "../ui/tooltip";
import { useDesigner, useDesignerStore } from "./context";
import { toggleCoverage } from "./try-it";

/** How the flow's cases stand, leading to them; beside it what marks on the drawing where none comes by. */
export function TestsPill() {
  const store = useDesignerStore();
  const flow = useDesigner((state) => state.document.name);
  const count = useDesigner((state) => state.document.tests?.length ?? 0);
  const { run, running, error } = useDesigner((state) => state.cases);
  const covering = useDesigner((state) => state.covering);
  if (count === 0) return null;
  const failing = run?.results.filter(({ passed }) => !passed).length ?? 0;
  const words = run
    ? failing > 0
      ? `${failing} ${failing === 1 ? "fails" : "fail"}`
      : "all pass"
    : running
      ? "running"
      : "not run";
  const Icon = running ? LoaderCircle : !run || error ? FlaskConical : failing > 0 ? CircleAlert : CircleCheck;
  return (
    <div className="flex h-8 divide-x divide-line rounded-md border border-line bg-surface text-12">
      <Tooltip content={error ? `They could not be run: ${error}` : "Open the cases"}>
        <Link
          href={`/flows/${encodeURIComponent(flow)}/tests`}
          data-testid="tests-pill"
          className={clsx(
            "flex items-center gap-1.5 rounded-l-md px-2.5 hover:bg-hover",
            failing > 0 ? "text-bad" : error ? "text-warn" : "text-muted",
          )}
        >
          <Icon className={clsx("size-3.5", running && "animate-spin")} aria-hidden />
          {formatPlural(count, "case")} · {words}
        </Link>
      </Tooltip>
      <Tooltip content={covering ? "Take the marks off" : "Mark what no case comes by"} shortcut="Shift T">
        <button
          type="button"
          aria-label="Coverage on the drawing"
          aria-pressed={covering}
          className={clsx(
            "grid w-8 place-items-center rounded-r-md hover:text-text",
            covering ? "bg-accent-soft text-accent" : "text-muted",
          )}
          onClick={() => toggleCoverage(store)}
        >
          <ScanSearch className="size-3.5" aria-hidden />
        </button>
      </Tooltip>
    </div>
  );
}
