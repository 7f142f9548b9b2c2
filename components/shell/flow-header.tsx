"use client";

import type { ReactNode } from "react";
import { InlineCode } from "../drawing/inline-code";
import { useWaiting } from "../flows/waiting-messages";
import { wordsOfWaiting } from "../flows/waiting-words";
import { useLiveFlow } from "../trpc/use-live";
import { formatPlural } from "../ui/formats";
import { NavTabs } from "../ui/nav-tabs";
import { wordsOfDeployment } from "../ui/state-words";
import { Pill } from "../ui/tag";
import { Banner } from "./banners";
import { PageHeader } from "./page-header";

/** Header of a flow's pages: its name, what runs, its views, and why nobody runs it when that is so. */
export function FlowHeader({
  name,
  title,
  current,
  children,
}: {
  name: string;
  title: string;
  current: "editor" | "runs" | "versions" | "tests";
  children?: ReactNode;
}) {
  const live = useLiveFlow(name);
  const stopped = live?.state === "stopped";
  const waiting = useWaiting(name, stopped).filter(({ messages }) => messages !== 0);
  const base = `/flows/${encodeURIComponent(name)}`;
  const header = (
    <PageHeader
      crumbs={[{ label: "Flows", href: "/flows" }]}
      title={title}
      badge={<RunningBadge name={name} />}
      tabs={
        <NavTabs
          current={current}
          tabs={[
            { id: "editor", href: base, label: "Editor" },
            { id: "runs", href: `${base}/runs`, label: "Runs" },
            { id: "versions", href: `${base}/versions`, label: "Versions" },
            { id: "tests", href: `${base}/tests`, label: "Tests" },
          ]}
        />
      }
    >
      {children}
    </PageHeader>
  );
  return (
    <>
      {header}
      {stopped && waiting.some(({ messages }) => messages !== null) ? (
        <Banner tone="warn">
          <b className="font-semibold">The flow is stopped.</b> {wordsOfWaiting(waiting)}
        </Banner>
      ) : null}
      {live?.state === "waiting-for-worker" && live.cause ? (
        <Banner tone="warn">
          <b className="font-semibold">The flow waits for a worker.</b> <InlineCode text={live.cause.message} />
        </Banner>
      ) : null}
    </>
  );
}

/** `● v7 running · 2 workers`, with the cause on hover; nothing for a flow that was never deployed. */
export function RunningBadge({ name }: { name: string }) {
  const live = useLiveFlow(name);
  if (!live) return null;
  const { tone, words } = wordsOfDeployment(live.state);
  const workers = live.workers.filter((worker) => worker.state !== "stopped").length;
  return (
    <Pill dot tone={tone}>
      <span title={live.cause ? `${live.cause.message} (${live.cause.code})` : undefined}>
        v{live.version} {words.toLowerCase()}
        {live.desired === "running" && workers > 0 ? ` · ${formatPlural(workers, "worker")}` : ""}
      </span>
    </Pill>
  );
}
