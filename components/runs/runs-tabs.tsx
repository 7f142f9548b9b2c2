"use client";

import { useQuery } from "@tanstack/react-query";
import type { SagaStatus } from "@/server/saga-views";
import { useTRPC } from "../trpc/context";
import { formatCount } from "../ui/formats";
import { NavTabs } from "../ui/nav-tabs";

/** What went through: single messages, and sagas. Of a flow that never had a saga there is nothing to choose. */
export function RunsTabs({ current, flow }: { current: "messages" | "sagas"; flow?: string }) {
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions());
  const counts = useQuery(trpc.sagas.counts.queryOptions(flow ? { flow } : {}, { refetchInterval: 5_000 }));
  const draws = flows.data?.some(({ name, kinds }) => (!flow || name === flow) && kinds.includes("saga-start"));
  if (current === "messages" && !draws && !counts.data?.groups.length) return null;
  const waiting = (wanted: SagaStatus) =>
    counts.data?.groups.reduce((sum, { status, count }) => sum + (status === wanted ? count : 0), 0) ?? 0;
  const [stuck, asking] = [waiting("stuck"), waiting("asking")];
  const base = flow ? `/flows/${encodeURIComponent(flow)}` : "";
  return (
    <NavTabs
      label="What went through"
      current={current}
      tabs={[
        { id: "messages", href: `${base}/runs`, label: "Messages" },
        {
          id: "sagas",
          href: `${base}/sagas`,
          label: (
            <>
              Sagas{" "}
              {stuck ? (
                <span className="ml-0.5 rounded-sm bg-bad-soft px-1 font-mono text-12 text-bad">
                  {formatCount(stuck)}
                  <span className="sr-only"> stuck</span>
                </span>
              ) : null}
              {asking ? (
                <span className="ml-0.5 rounded-sm bg-warn-soft px-1 font-mono text-12 text-warn">
                  {formatCount(asking)}
                  <span className="sr-only"> ask a person</span>
                </span>
              ) : null}
            </>
          ),
        },
      ]}
    />
  );
}
