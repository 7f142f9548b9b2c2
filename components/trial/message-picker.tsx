"use client";

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { RotateCw } from "lucide-react";
import type { PlainMessage, SeenMessage } from "@/flow/control";
import type { NamedPlace } from "@/flow/flow-places";
import { useTRPC } from "../trpc/context";
import { IconButton } from "../ui/button";
import { messageOfError } from "../ui/error-words";
import { formatTime } from "../ui/formats";

const listed = 20;

/** The newest messages of the place that a source reads, without joining its group; and the one that was tried last. */
export function MessagePicker({
  place,
  last,
  picked,
  onPick,
}: {
  place: NamedPlace;
  last: PlainMessage | null;
  /** What is picked now: `lane@position`, or `last`. */
  picked: string | null;
  onPick(id: string, message: PlainMessage): void;
}) {
  const trpc = useTRPC();
  const newest = useQuery({
    ...trpc.connections.newest.queryOptions({ name: place.connection, place: place.name, limit: listed }),
    staleTime: 30_000,
    retry: false,
  });
  return (
    <section aria-label={`Messages of ${place.name}`} className="flex min-h-0 flex-col border-r">
      <h3 className="flex h-8 shrink-0 items-center justify-between gap-2 pl-4 pr-1 text-12 font-medium text-muted">
        <span className="min-w-0 truncate">
          From <span className="font-mono">{place.name}</span>
        </span>
        <IconButton label="Read again" size="sm" onClick={() => void newest.refetch()}>
          <RotateCw className={clsx(newest.isFetching && "animate-spin")} />
        </IconButton>
      </h3>
      <ul className="thin-scroll min-h-0 flex-1 overflow-auto pb-2">
        {last ? <Row id="last" label="Last tried" message={last} picked={picked} onPick={onPick} /> : null}
        {newest.data?.messages.map((message) => (
          <Row
            key={idOf(message)}
            id={idOf(message)}
            label={formatTime(new Date(message.timestamp))}
            message={message}
            cut={message.truncated}
            picked={picked}
            onPick={onPick}
          />
        ))}
        {newest.isPending ? <li className="px-4 py-1 text-12 text-faint">Reading…</li> : null}
        {newest.data?.messages.length === 0 ? (
          <li className="px-4 py-1 text-12 text-muted">It holds no messages yet. Type one.</li>
        ) : null}
        {newest.isError ? <li className="px-4 py-1 text-12 text-warn">{messageOfError(newest.error)}</li> : null}
      </ul>
    </section>
  );
}

const idOf = ({ lane, position }: SeenMessage) => `${lane}@${position}`;

function Row(props: {
  id: string;
  label: string;
  message: PlainMessage;
  cut?: boolean;
  picked: string | null;
  onPick(id: string, message: PlainMessage): void;
}) {
  const { id, message, picked } = props;
  return (
    <li>
      <button
        type="button"
        aria-pressed={picked === id}
        disabled={props.cut}
        title={props.cut ? "It is too large to be picked." : undefined}
        className={clsx(
          "flex w-full items-center gap-2 px-4 py-1 text-left font-mono text-12 disabled:opacity-50",
          picked === id ? "bg-accent-soft" : "hover:bg-hover",
        )}
        onClick={() => props.onPick(id, message)}
      >
        <span className={clsx("shrink-0", picked === id ? "text-muted" : "text-faint")}>{props.label}</span>
        {message.key === null ? null : <b className="max-w-20 shrink-0 truncate font-medium">{message.key}</b>}
        <span className="min-w-0 flex-1 truncate text-muted">{message.value ?? "tombstone"}</span>
      </button>
    </li>
  );
}
