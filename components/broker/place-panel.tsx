"use client";

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { X } from "lucide-react";
import { useState } from "react";
import type { SeenMessage } from "@/flow/control";
import { CopyButton } from "../payload/code-block";
import { HeadersTable } from "../payload/headers-table";
import { PayloadView } from "../payload/payload-view";
import { useTRPC } from "../trpc/context";
import { IconButton } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { formatTime } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { Switch } from "../ui/switch";

/** The newest messages of a topic or queue; each opens in its place. */
export function PlacePanel({ connection, place, onClose }: { connection: string; place: string; onClose(): void }) {
  const trpc = useTRPC();
  const [live, setLive] = useState(true);
  const [openKey, setOpenKey] = useState<string | null>(null);
  // While a message is read nothing is asked anew: its row must not move.
  const newest = useQuery(
    trpc.connections.newest.queryOptions(
      { name: connection, place, limit: 50 },
      { refetchInterval: live && openKey === null ? 3_000 : false },
    ),
  );
  return (
    <aside
      aria-label={`Newest messages of ${place}`}
      className="flex min-h-0 w-[520px] shrink-0 flex-col border-l bg-surface"
    >
      <div className="flex items-center gap-2 border-b px-4 py-2.5">
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-mono text-14 font-semibold">{place}</h2>
          <p className="text-12 text-muted">Newest messages; reading them changes nothing</p>
        </div>
        <label htmlFor="follow-place" className="text-12 text-muted">
          Follow
        </label>
        <Switch id="follow-place" checked={live} onCheckedChange={setLive} />
        <IconButton label="Close" onClick={onClose}>
          <X />
        </IconButton>
      </div>
      <div className="thin-scroll min-h-0 flex-1 overflow-auto">
        {newest.isPending ? <SkeletonRows rows={8} /> : null}
        {newest.error ? (
          <LoadError what="The messages" error={newest.error} onRetry={() => void newest.refetch()} />
        ) : null}
        {newest.data?.messages.length === 0 ? (
          <EmptyState title="It holds no messages">New ones appear here as they come.</EmptyState>
        ) : null}
        <ul>
          {newest.data?.messages.map((message) => {
            const key = `${message.lane} ${message.position}`;
            return (
              <MessageRow
                key={key}
                message={message}
                open={key === openKey}
                onToggle={() => setOpenKey(key === openKey ? null : key)}
              />
            );
          })}
        </ul>
      </div>
    </aside>
  );
}

function MessageRow({ message, open, onToggle }: { message: SeenMessage; open: boolean; onToggle(): void }) {
  return (
    <li className={clsx("border-b", open && "bg-sunken")}>
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="grid h-8 w-full grid-cols-[64px_96px_1fr] items-center gap-2 px-4 text-left font-mono text-12 text-muted hover:bg-hover"
      >
        <span suppressHydrationWarning>{formatTime(new Date(message.timestamp))}</span>
        <span className="truncate font-medium text-text">
          {message.key ?? <span className="font-sans font-normal text-faint">no key</span>}
        </span>
        <span className="truncate">{message.value === null ? "tombstone" : message.value.slice(0, 200)}</span>
      </button>
      {open ? (
        <div className="flex flex-col gap-3 px-4 pb-3 pt-1">
          <div className="flex items-center justify-between text-12 text-muted">
            <span className="font-mono">
              {message.lane} @ {message.position}
            </span>
            {message.value ? <CopyButton text={message.value} label="Copy message" /> : null}
          </div>
          <PayloadView payload={message} />
          {message.headers.length > 0 ? <HeadersTable headers={message.headers} /> : null}
        </div>
      ) : null}
    </li>
  );
}
