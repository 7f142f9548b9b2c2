"use client";

import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { useMemo, useState } from "react";
import { findKind } from "../drawing/kinds";
import { NewestMessages, prettyJson } from "../form/newest-messages";
import { formatDuration, formatTime } from "../ui/formats";
import { useDesigner } from "./context";
import { nodeOf } from "./edit";
import { MessageTag, useNodeMessages } from "./last-messages";
import { placeOf } from "./place-of";

/** What went in and what came out, message by message; for a source also what waits on its broker. */
export function MessagesTab({ node }: { node: string }) {
  const messages = useNodeMessages(node, 50);
  const drawn = useDesigner((state) => nodeOf(state.document, node));
  const kind = findKind(drawn?.kind ?? "");
  const place = useMemo(() => placeOf(drawn), [drawn]);
  return (
    <div className="flex flex-col">
      {messages.data?.length ? (
        <ul>
          {messages.data.map((message) => (
            <Message key={`${message.runId}-${message.at.getTime()}`} message={message} />
          ))}
        </ul>
      ) : (
        <p className="p-4 text-muted">{messages.isPending ? "Reading…" : "No traced message passed this node yet."}</p>
      )}
      {place ? (
        <section className="border-t p-4" aria-label="On the broker">
          <h3 className="font-semibold">
            {kind?.role === "source" ? "Newest on the broker" : "Newest written there"}{" "}
            <span className="font-mono text-12 font-normal text-muted">{place.name}</span>
          </h3>
          <NewestMessages connection={place.connection} place={place.name} />
        </section>
      ) : null}
    </div>
  );
}

type NodeMessages = NonNullable<ReturnType<typeof useNodeMessages>["data"]>;

function Message({ message }: { message: NodeMessages[number] }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="border-b">
      <button
        type="button"
        aria-expanded={open}
        className="flex w-full items-center gap-2 px-4 py-1 text-left font-mono text-12 text-muted hover:bg-hover"
        onClick={() => setOpen(!open)}
      >
        <ChevronRight className={clsx("size-3.5 shrink-0 transition-transform", open && "rotate-90")} aria-hidden />
        <span className="shrink-0">{formatTime(message.at)}</span>
        {message.key === null ? null : (
          <b className="max-w-20 shrink-0 truncate font-medium text-text">{message.key}</b>
        )}
        <span className="min-w-0 flex-1 truncate">{message.in ?? message.out[0]?.value ?? "tombstone"}</span>
        <MessageTag state={message.state} ports={message.out.map(({ port }) => port)} error={message.error} />
      </button>
      {open ? (
        <div className="flex flex-col gap-2 bg-sunken px-4 py-2.5">
          {message.error ? <p className="break-words text-bad">{message.error}</p> : null}
          {message.in === null ? null : <Payload title="In" value={message.in} />}
          {message.out.map((out, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a message may leave twice by one port
            <Payload key={index} title={`Out by ${out.port}`} value={out.value} />
          ))}
          <p className="flex items-center justify-between text-12 text-faint">
            {formatDuration(message.durationMs)}
            <Link href={`/runs/${encodeURIComponent(message.runId)}`} className="text-accent hover:underline">
              Open its run
            </Link>
          </p>
        </div>
      ) : null}
    </li>
  );
}

function Payload({ title, value }: { title: string; value: string | null }) {
  return (
    <div>
      <p className="text-12 text-faint">{title}</p>
      <pre className="thin-scroll max-h-60 overflow-auto whitespace-pre-wrap break-all font-mono text-12">
        {prettyJson(value)}
      </pre>
    </div>
  );
}
