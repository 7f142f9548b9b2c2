"use client";

import clsx from "clsx";
import { Pencil } from "lucide-react";
import { useState } from "react";
import type { FlowView, VersionSummary } from "@/server/views";
import { useHasRole } from "../shell/session";
import { IconButton } from "../ui/button";
import { formatExact, formatMoment } from "../ui/formats";
import { RelativeTime } from "../ui/relative-time";
import { Dot } from "../ui/tag";
import type { Side } from "./choice";
import { NameVersionDialog } from "./name-version-dialog";

/** The draft and every version, the newest first; each leads to what it changed. */
export function VersionList({
  flow,
  view,
  versions,
  chosen,
  onChoose,
}: {
  flow: string;
  view: FlowView | undefined;
  versions: readonly VersionSummary[];
  chosen: Side;
  onChoose(side: Side): void;
}) {
  const mayName = useHasRole("editor");
  const [naming, setNaming] = useState<VersionSummary | null>(null);
  return (
    <nav aria-label="Versions">
      <button
        type="button"
        aria-current={chosen === "draft" ? "true" : undefined}
        onClick={() => onChoose("draft")}
        className={clsx(
          "mb-1 grid w-full grid-cols-[10px_1fr_auto] gap-x-3 px-4 py-1.5 text-left",
          chosen === "draft" ? "bg-accent-soft" : "hover:bg-hover",
        )}
      >
        <Dot tone="accent" hollow={!view?.draftDiffers} className="mt-1.5" />
        <span className="min-w-0">
          <span className="block font-medium">Draft</span>
          <span className="block truncate text-12 text-muted">
            {view?.draftDiffers ? "runs differently from what is deployed" : "as deployed"}
          </span>
        </span>
        {view ? <RelativeTime date={view.updatedAt} className="text-12 leading-5 text-muted" /> : null}
      </button>
      <ol>
        {versions.map((version) => (
          <VersionRow
            key={version.number}
            version={version}
            here={version.number === chosen || (chosen === "running" && version.running)}
            onOpen={() => onChoose(version.number)}
            onName={mayName ? () => setNaming(version) : undefined}
          />
        ))}
      </ol>
      {naming ? <NameVersionDialog flow={flow} version={naming} onClose={() => setNaming(null)} /> : null}
    </nav>
  );
}

function VersionRow({
  version,
  here,
  onOpen,
  onName,
}: {
  version: VersionSummary;
  here: boolean;
  onOpen(): void;
  onName: (() => void) | undefined;
}) {
  const { number, name, message, author, createdAt, running, deployed } = version;
  return (
    <li className={clsx("group relative", here ? "bg-accent-soft" : "hover:bg-hover")}>
      <button
        type="button"
        aria-current={here ? "true" : undefined}
        onClick={onOpen}
        className="grid w-full grid-cols-[10px_1fr_auto] gap-x-3 px-4 py-1.5 text-left"
      >
        <Dot tone={running ? "ok" : "idle"} hollow={!running} className="mt-1.5" />
        <span className="min-w-0">
          <span className="block truncate">
            <span className="font-medium">v{number}</span>
            {name ? <span className="ml-1.5 font-medium">{name}</span> : null}
            {running ? <span className="ml-1.5 text-12 text-ok">runs</span> : null}
          </span>
          {message ? <span className="block truncate text-12 text-text">{message}</span> : null}
          <span className="block truncate text-12 text-muted">{author || "unknown"}</span>
          {deployed.length > 0 ? (
            <span className="block truncate text-12 text-muted" title={deployed.map(writePeriod).join("\n")}>
              {wordPeriods(deployed)}
            </span>
          ) : null}
        </span>
        <RelativeTime date={createdAt} className="text-12 leading-5 text-muted" />
      </button>
      {onName ? (
        <IconButton
          label={name ? `Rename version ${number}` : `Name version ${number}`}
          size="sm"
          className="absolute bottom-1.5 right-3 opacity-0 focus-visible:opacity-100 group-hover:opacity-100"
          onClick={onName}
        >
          <Pencil />
        </IconButton>
      ) : null}
    </li>
  );
}

type Period = VersionSummary["deployed"][number];

const writePeriod = ({ from, to }: Period) => `Deployed ${formatExact(from)} – ${to ? formatExact(to) : "now"}`;

function wordPeriods(periods: readonly Period[]): string {
  const { from, to } = periods[0]!;
  const more = periods.length > 1 ? `, ${periods.length - 1}× before` : "";
  return to
    ? `deployed ${formatMoment(from)} – ${formatMoment(to)}${more}`
    : `deployed since ${formatMoment(from)}${more}`;
}
