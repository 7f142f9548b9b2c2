"use client";

import clsx from "clsx";
import { Download, Ellipsis, Send, Trash2 } from "lucide-react";
import { shortenCause } from "@/flow/shorten-cause";
import type { DeadLetterGroup } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { Button, IconButton } from "../ui/button";
import { formatCount, formatMoment } from "../ui/formats";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import { RelativeTime } from "../ui/relative-time";
import { Sparkline } from "../ui/sparkline";
import type { LettersOf } from "./redrive-request";
import { wordsOfTrend, wordsOfVersions } from "./trend-words";

/** Causes, each with how many messages it stopped. */
export function GroupList({
  groups,
  current,
  onSelect,
  onSend,
  onDiscard,
  onExport,
}: {
  groups: readonly DeadLetterGroup[];
  current: string | null;
  onSelect(fingerprint: string | null): void;
  /** Absent when the role does not allow it. */
  onSend?: ((letters: LettersOf) => void) | undefined;
  onDiscard?: ((letters: LettersOf) => void) | undefined;
  onExport(letters: LettersOf): void;
}) {
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  const open = total + groups.reduce((sum, group) => sum + group.onTheWay, 0);
  // A redrive is one flow's: of several flows they are not sent all at once.
  const flow = groups.every((group) => group.flow === groups[0]?.flow) ? groups[0]?.flow : undefined;
  return (
    <nav aria-label="Causes" className="thin-scroll min-h-0 w-[300px] shrink-0 overflow-auto border-r bg-surface py-2">
      <h2 className="px-4 pb-1 pt-1 text-12 font-medium text-muted">By cause</h2>
      <div
        className={clsx(
          "flex items-center gap-1 pr-2",
          current === null ? "bg-accent-soft font-medium" : "hover:bg-hover",
        )}
      >
        <button
          type="button"
          aria-current={current === null ? "true" : undefined}
          onClick={() => onSelect(null)}
          className="flex min-w-0 flex-1 items-center justify-between py-1.5 pl-4 text-left"
        >
          All causes
          <span className="font-mono text-12">{formatCount(open)}</span>
        </button>
        {onSend ? (
          flow === undefined || total === 0 ? (
            <span className="w-6" />
          ) : (
            <IconButton
              label={`Send all ${formatCount(total)} of ${flow} again`}
              size="sm"
              onClick={() => onSend({ flow, count: total })}
            >
              <Send />
            </IconButton>
          )
        ) : null}
      </div>
      {groups.map((group) => {
        const here = current === group.fingerprint;
        return (
          <div
            key={`${group.flow} ${group.fingerprint}`}
            className={clsx("group flex items-start gap-1 pr-2", here ? "bg-accent-soft" : "hover:bg-hover")}
          >
            <button
              type="button"
              aria-current={here ? "true" : undefined}
              onClick={() => onSelect(group.fingerprint)}
              className="min-w-0 flex-1 py-1.5 pl-4 text-left"
            >
              <span className="flex items-baseline justify-between gap-2">
                <span className="line-clamp-2 min-w-0 break-words" title={group.causeMessage}>
                  <InlineCode text={shortenCause(group.causeMessage)} />
                </span>
                <span className="shrink-0 font-mono text-12">{formatCount(group.count + group.onTheWay)}</span>
              </span>
              <span className={clsx("flex items-center gap-2 text-12", here ? "text-muted" : "text-faint")}>
                <span className="min-w-0 flex-1 truncate" title={`${group.flowTitle} · ${group.nodeTitle}`}>
                  {group.flowTitle} · {group.nodeTitle}
                </span>
                <Sparkline counts={group.trend} label={wordsOfTrend(group)} />
              </span>
              <span className={clsx("flex flex-wrap gap-x-2 text-12", here ? "text-muted" : "text-faint")}>
                <span title={`First ${formatMoment(group.first)}`}>
                  <RelativeTime date={group.last} />
                </span>
                <span>{wordsOfVersions(group)}</span>
                {group.onTheWay > 0 ? (
                  <span className="text-accent">{formatCount(group.onTheWay)} on their way again</span>
                ) : null}
              </span>
            </button>
            <Menu
              trigger={
                <Button
                  variant="ghost"
                  size="sm"
                  aria-label={`What to do with these ${formatCount(group.count + group.onTheWay)}`}
                  className="mt-1 w-6 !px-0"
                >
                  <Ellipsis />
                </Button>
              }
            >
              {onSend && group.count > 0 ? (
                <MenuItem icon={<Send />} onSelect={() => onSend(group)}>
                  Send all {formatCount(group.count)} again…
                </MenuItem>
              ) : null}
              <MenuItem icon={<Download />} onSelect={() => onExport(group)}>
                Export as NDJSON
              </MenuItem>
              {onDiscard && group.count > 0 ? (
                <>
                  <MenuSeparator />
                  <MenuItem danger icon={<Trash2 />} onSelect={() => onDiscard(group)}>
                    Discard all…
                  </MenuItem>
                </>
              ) : null}
            </Menu>
          </div>
        );
      })}
    </nav>
  );
}
