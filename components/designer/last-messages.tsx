"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { NodeMessage } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { useLive } from "../trpc/use-live";
import { formatTime } from "../ui/formats";
import { Tag } from "../ui/tag";
import { useDesigner } from "./context";

/** How many stand under the form. */
export const listedMessages = 10;

/** What passed a node lately; asked every second or two while something runs. */
export function useNodeMessages(node: string, limit: number) {
  const trpc = useTRPC();
  const flow = useDesigner((state) => state.document.name);
  const running = useLive((live) => live.flows[flow]?.desired === "running");
  return useQuery({
    ...trpc.runs.ofNode.queryOptions({ flow, node, limit }),
    refetchInterval: running ? 1_500 : 10_000,
    retry: false,
  });
}

/** The last messages at a node, each leading to its run. */
export function LastMessages({ node }: { node: string }) {
  const flow = useDesigner((state) => state.document.name);
  const running = useLive((live) => live.flows[flow]?.desired === "running");
  const messages = useNodeMessages(node, listedMessages);
  return (
    <section className="mt-1 border-t" aria-label="On the last messages">
      <h3 className="flex items-center justify-between px-4 pb-1.5 pt-2.5 font-semibold">
        On the last messages
        {running ? <span className="text-12 font-normal text-faint">live</span> : null}
      </h3>
      {messages.data && messages.data.length > 0 ? (
        <ul>
          {messages.data.map((message) => (
            <MessageRow key={`${message.runId}-${message.at.getTime()}`} message={message} />
          ))}
        </ul>
      ) : (
        <p className="px-4 pb-4 text-12 text-muted">
          {messages.isPending
            ? "Reading…"
            : running
              ? "No message came by yet. What passes is shown here a second later."
              : "Nothing has run here yet. Deploy the flow to see its messages."}
        </p>
      )}
    </section>
  );
}

function MessageRow({ message }: { message: NodeMessage }) {
  const ports = message.out.map((each) => each.port);
  return (
    <li className="border-t">
      <Link
        href={`/runs/${encodeURIComponent(message.runId)}`}
        className="flex items-center gap-2 px-4 py-1 font-mono text-12 text-muted hover:bg-hover"
      >
        <span className="shrink-0">{formatTime(message.at)}</span>
        {message.key === null ? null : <b className="w-14 shrink-0 truncate font-medium text-text">{message.key}</b>}
        <span className="min-w-0 flex-1 truncate">{message.in ?? message.out[0]?.value ?? "tombstone"}</span>
        <MessageTag state={message.state} ports={ports} error={message.error} />
      </Link>
    </li>
  );
}

export function MessageTag({ state, ports, error }: { state: string; ports: readonly string[]; error: string | null }) {
  const title = error ?? undefined;
  if (state === "parked") return <Tag tone="warn">waits</Tag>;
  if (state === "failed" || state === "dead" || error !== null) {
    return (
      <span title={title}>
        <Tag tone="bad">{state === "dead" ? "dead letter" : "error"}</Tag>
      </span>
    );
  }
  if (state === "retry") return <Tag tone="warn">retrying</Tag>;
  if (state === "dropped") return <Tag>dropped</Tag>;
  const words = ports.length === 0 ? "done" : ports.join(", ");
  const usual = ports.every((port) => port === "otherwise" || port === "rest");
  return <Tag tone={ports.length > 0 && usual ? "idle" : "ok"}>{words}</Tag>;
}
