"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { NodeHistoryView } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { formatCount, formatDuration, formatPlural } from "../ui/formats";
import { Sparkline } from "../ui/sparkline";
import { formatShare } from "../versions/figures";
import { useDesigner } from "./context";

/** What a node did in the last hour, by minutes, and how its versions of the last day compare. Nothing where nothing ran. */
export function LastHour({ node }: { node: string }) {
  const trpc = useTRPC();
  const flow = useDesigner((state) => state.document.name);
  const history = useQuery({
    ...trpc.deployments.nodeHistory.queryOptions({ flow, node }),
    refetchInterval: 10_000,
    retry: false,
  });
  if (!history.data) return null;
  const { minutes, versions } = history.data;
  const messages = minutes.map((minute) => minute.messages);
  const total = sum(messages);
  if (total === 0 && versions.length < 2) return null;
  const most = Math.max(0, ...messages);
  const failed = minutes.map((minute) => minute.failed);
  return (
    <section className="mt-1 border-t" aria-label="The last hour">
      <h3 className="flex items-center justify-between px-4 pb-1.5 pt-2.5 font-semibold">
        The last hour
        <span className="text-12 font-normal text-faint">by minutes</span>
      </h3>
      <div className="px-4 pb-3 text-muted">
        <Sparkline
          counts={messages}
          bad={failed}
          height={32}
          step={5}
          label={`${formatPlural(total, "message")} in the last hour, at most ${formatCount(most)} in a minute`}
        />
        <div className="flex justify-between text-12 text-faint" aria-hidden>
          <span>1 h ago</span>
          <span>at most {formatCount(most)} a minute</span>
          <span>now</span>
        </div>
        <p className="mt-1.5 text-12">
          {formatPlural(total, "message")}
          {sum(failed) > 0 ? <span className="text-bad"> · {formatCount(sum(failed))} failed</span> : null}
        </p>
      </div>
      {versions.length > 1 ? (
        <>
          <Versions versions={versions} />
          <p className="border-t px-4 py-1.5 text-12">
            <Link
              href={`/flows/${flow}/versions?from=${versions[1]!.version}&to=${versions[0]!.version}&figures`}
              className="text-accent hover:underline"
            >
              Compare all nodes on the drawing
            </Link>
          </p>
        </>
      ) : null}
    </section>
  );
}

/** Side by side: did the new one make it slower, or fail more? */
function Versions({ versions }: { versions: NodeHistoryView["versions"] }) {
  return (
    <table className="w-full border-t text-12" aria-label="Versions of the last 24 hours">
      <thead>
        <tr className="text-faint">
          <th className="py-1 pl-4 text-left font-normal">Last 24 hours</th>
          <th className="text-right font-normal">messages</th>
          <th className="text-right font-normal">failed</th>
          <th className="text-right font-normal">p50</th>
          <th className="pr-4 text-right font-normal">p95 at most</th>
        </tr>
      </thead>
      <tbody className="font-mono text-muted">
        {versions.map(({ version, messages, failed, p50Ms, p95Ms }) => (
          <tr key={version} className="border-t">
            <td className="py-1 pl-4 text-text">v{version}</td>
            <td className="pl-2 text-right">{formatCount(messages)}</td>
            <td className="pl-2 text-right">{formatShare(failed, messages)}</td>
            <td className="pl-2 text-right">{p50Ms === null ? "–" : formatDuration(p50Ms)}</td>
            <td className="pr-4 text-right">{p95Ms === null ? "–" : formatDuration(p95Ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
