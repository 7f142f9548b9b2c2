"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../trpc/context";
import { messageOfError } from "../ui/error-words";
import { formatTime } from "../ui/formats";

/** The last ten messages of a place, newest first; a press opens one. */
export function NewestMessages({ connection, place }: { connection: string; place: string }) {
  const trpc = useTRPC();
  const [opened, setOpened] = useState<string | null>(null);
  const newest = useQuery({
    ...trpc.connections.newest.queryOptions({ name: connection, place, limit: 10 }),
    refetchInterval: 5_000,
  });
  if (newest.isPending) return <p className="py-1 text-12 text-faint">Reading…</p>;
  if (newest.isError) return <p className="py-1 text-12 text-warn">{messageOfError(newest.error)}</p>;
  if (newest.data.messages.length === 0) return <p className="py-1 text-12 text-muted">It holds no messages yet.</p>;
  return (
    <ul className="mt-1 divide-y divide-line rounded-md border border-line" aria-label={`Last messages of ${place}`}>
      {newest.data.messages.map((message) => {
        const id = `${message.lane}@${message.position}`;
        return (
          <li key={id}>
            <button
              type="button"
              aria-expanded={opened === id}
              className="flex w-full items-center gap-2 px-2 py-0.5 text-left font-mono text-12 hover:bg-hover"
              onClick={() => setOpened(opened === id ? null : id)}
            >
              <span className="shrink-0 text-faint">{formatTime(new Date(message.timestamp))}</span>
              {message.key === null ? null : <span className="max-w-20 shrink-0 truncate">{message.key}</span>}
              <span className="min-w-0 flex-1 truncate text-muted">{message.value ?? "tombstone"}</span>
            </button>
            {opened === id ? (
              <div className="border-t border-line bg-sunken px-2 py-1.5 text-12">
                <p className="text-faint">
                  {message.lane} @ {message.position}
                </p>
                <pre className="thin-scroll mt-1 max-h-48 overflow-auto whitespace-pre-wrap break-all font-mono">
                  {prettyJson(message.value)}
                </pre>
                {message.truncated ? <p className="text-faint">Cut here.</p> : null}
              </div>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

/** JSON with line breaks; anything else as it is. */
export function prettyJson(text: string | null): string {
  if (text === null) return "no value (tombstone)";
  try {
    // Numbers beyond 2^53 would lose digits on the way through: such a text stays as it came.
    if (/\d{16,}/.test(text)) return text;
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
