"use client";

import { useQuery } from "@tanstack/react-query";
import type { DeploymentEventView } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { RelativeTime } from "../ui/relative-time";

const verbs: Record<DeploymentEventView["action"], (version: number) => string> = {
  deploy: (version) => `Deployed v${version}`,
  start: (version) => `Started v${version}`,
  stop: (version) => `Stopped v${version}`,
  rollback: (version) => `Rolled back to v${version}`,
};

/** What was deployed, stopped and rolled back, by whom. */
export function DeploymentHistory({ name }: { name: string }) {
  const trpc = useTRPC();
  const history = useQuery(trpc.deployments.history.queryOptions({ flow: name }));
  if (!history.data?.length) return null;
  return (
    <section className="mt-4 border-t pt-3">
      <h2 className="px-4 pb-1 text-12 font-medium text-muted">What was done</h2>
      <ol>
        {history.data.slice(0, 30).map((event) => (
          <li key={`${event.revision} ${event.at.getTime()}`} className="flex items-baseline gap-2 px-4 py-1 text-12">
            <span className="min-w-0 flex-1 truncate" title={event.message || undefined}>
              {verbs[event.action](event.version)} <span className="text-faint">by {event.by || "unknown"}</span>
            </span>
            <RelativeTime date={event.at} className="shrink-0 text-faint" />
          </li>
        ))}
      </ol>
    </section>
  );
}
