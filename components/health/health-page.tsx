"use client";

import { useQuery } from "@tanstack/react-query";
import { ServerOff } from "lucide-react";
import Link from "next/link";
import type { SagaStatus } from "@/server/saga-views";
import type { LiveView, WorkerView } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { CodeBlock } from "../payload/code-block";
import { Page, PageHeader } from "../shell/page-header";
import { useTRPC } from "../trpc/context";
import { useLive } from "../trpc/use-live";
import { Callout } from "../ui/callout";
import { EmptyState } from "../ui/empty-state";
import { formatBytes, formatCount, formatDuration, formatPlural } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { RelativeTime, useNow } from "../ui/relative-time";
import { SkeletonRows } from "../ui/skeleton";
import { wordsOfDeployment } from "../ui/state-words";
import { Table, Td, Th, Tr } from "../ui/table";
import { Dot, Pill, Tag } from "../ui/tag";
import { ConnectionList } from "./connection-list";
import { readReached, shortenLanes } from "./reached";
import { findTroubles } from "./troubles";

/** The live events that a database brings come every two seconds. */
const silentMs = 10_000;

/** Workers and what they run, with words on what is wrong. */
export function HealthPage() {
  const trpc = useTRPC();
  const asked = useQuery(trpc.health.workers.queryOptions(undefined, { refetchInterval: 10_000 }));
  const sagas = useQuery(trpc.sagas.counts.queryOptions({}, { refetchInterval: 10_000 }));
  const connections = useQuery(trpc.connections.list.queryOptions(undefined, { refetchInterval: 30_000 }));
  const failing = useQuery(trpc.health.failing.queryOptions(undefined, { refetchInterval: 10_000 }));
  const now = useNow();
  const live = useLive((state) => state.workers);
  const toldAt = useLive((state) => state.at);
  const flows = useLive((state) => state.flows);
  const notice = useLive((state) => state.notice);
  const workers = live ?? asked.data;
  const living = workers?.filter((worker) => worker.alive) ?? [];
  const gone = workers?.filter((worker) => !worker.alive) ?? [];
  const countSagas = (wanted: SagaStatus) =>
    (sagas.data?.groups ?? []).reduce((sum, { status, count }) => sum + (status === wanted ? count : 0), 0);
  const [sagasAsking, sagasStuck] = [countSagas("asking"), countSagas("stuck")];
  const stuck = useQuery({
    ...trpc.sagas.list.queryOptions({ status: ["stuck"], limit: 100 }),
    enabled: sagasStuck > 0,
    refetchInterval: 10_000,
  });
  const stuckLongest = stuck.data?.sagas.toSorted((a, b) => Number(a.updatedAt) - Number(b.updatedAt))[0];
  const reached = readReached(workers ?? [], Object.values(flows), connections.data ?? []);
  const found = { reached, failing: failing.data ?? [], sagasAsking, sagasStuck, stuckLongest };
  const troubles = workers ? findTroubles({ workers, flows: Object.values(flows), notice, ...found }) : [];
  return (
    <Page
      header={
        <PageHeader
          title="Health"
          badge={
            workers ? (
              <Pill dot tone={living.length === 0 ? "bad" : troubles.length > 0 ? "warn" : "ok"}>
                {living.length === 0
                  ? "No worker is running"
                  : troubles.length > 0
                    ? formatPlural(troubles.length, "thing to look at", "things to look at")
                    : `All is well · ${formatPlural(living.length, "worker")}`}
              </Pill>
            ) : null
          }
        />
      }
    >
      {!workers && asked.isPending ? <SkeletonRows rows={4} /> : null}
      {!workers && asked.error ? (
        <LoadError what="The workers" error={asked.error} onRetry={() => void asked.refetch()} />
      ) : null}
      {workers ? (
        <div className="mx-auto flex max-w-[1120px] flex-col gap-6 p-4">
          {troubles.length > 0 ? (
            <section className="flex flex-col gap-2" aria-label="What is wrong">
              {troubles.map((trouble) => (
                <Callout
                  key={`${trouble.code} ${trouble.title}`}
                  tone={trouble.tone}
                  title={<InlineCode text={trouble.title} />}
                  code={trouble.code}
                  action={
                    trouble.href ? (
                      <Link href={trouble.href.to} className="shrink-0 font-medium hover:underline">
                        {trouble.href.words}
                      </Link>
                    ) : undefined
                  }
                >
                  <InlineCode text={trouble.words} />
                </Callout>
              ))}
            </section>
          ) : null}
          {living.length === 0 ? (
            <EmptyState icon={<ServerOff />} title="No worker is running">
              A worker is the process that runs flows. It needs the same DATABASE_URL and MILLRACE_SECRET as this
              server, and may stand on another machine.
              <CodeBlock text="npm run worker" className="mt-3 text-left" />
            </EmptyState>
          ) : (
            living.map((worker) => <WorkerCard key={worker.id} worker={worker} flows={Object.values(flows)} />)
          )}
          <ConnectionList
            reached={reached}
            databaseAnswers={asked.error === null && (!now || toldAt === 0 || now - toldAt < silentMs)}
          />
          {gone.length > 0 ? (
            <section>
              <h2 className="mb-1 text-12 font-medium text-muted">Lately gone</h2>
              <ul className="text-muted">
                {gone.slice(-5).map((worker) => (
                  <li key={worker.id} className="flex gap-2">
                    <Dot hollow className="mt-1.5" />
                    <span className="font-mono text-12 leading-5">{worker.id}</span> last seen{" "}
                    <RelativeTime date={worker.heartbeatAt} />
                  </li>
                ))}
              </ul>
            </section>
          ) : null}
        </div>
      ) : null}
    </Page>
  );
}

function WorkerCard({ worker, flows }: { worker: WorkerView; flows: readonly LiveView[] }) {
  const now = useNow();
  const number = (name: string) =>
    typeof worker.health[name] === "number" ? (worker.health[name] as number) : undefined;
  const delay = number("eventLoopDelayMs");
  const told = flows.flatMap((flow) =>
    flow.workers
      .filter((each) => each.worker === worker.id)
      .map((each) => ({ flow: flow.flow, lanes: lanesOf(flow, worker.id), ...each })),
  );
  const runs = told.filter(({ state }) => state !== "stopped");
  const stopped = told.length - runs.length;
  const lanes = runs.reduce((sum, each) => sum + each.lanes.length, 0);
  return (
    <section className="overflow-hidden rounded-lg border border-line bg-surface" aria-label={`Worker ${worker.id}`}>
      <header className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b px-4 py-3">
        <h2 className="flex items-center gap-2 font-mono font-medium">
          <Dot tone="ok" label="Running" />
          {worker.id}
          {worker.label === null ? null : <Tag mono>{worker.label}</Tag>}
        </h2>
        <Fact label="pid" value={`${worker.pid} on ${worker.host}`} />
        <Fact label="version" value={worker.version} />
        <Fact label="up" value={now ? formatDuration(Math.max(0, now - worker.startedAt.getTime())) : "–"} />
        <Fact label="memory" value={formatBytes(number("memoryBytes"))} />
        <Fact label="event-loop delay" value={formatDuration(delay)} warn={delay !== undefined && delay > 100} />
        <Fact label="lanes" value={formatCount(lanes)} />
      </header>
      {runs.length === 0 ? (
        <p className="px-4 py-3 text-muted">
          {stopped > 0
            ? `It runs nothing now: ${formatPlural(stopped, "flow")} stopped.`
            : worker.label === null
              ? "It runs nothing yet: no flow without a label is deployed."
              : `It runs nothing yet: no flow that asks for the label ${worker.label} is deployed.`}
        </p>
      ) : (
        <Table>
          <thead>
            <tr>
              <Th>Flow</Th>
              <Th className="w-24">Version</Th>
              <Th className="w-40">State</Th>
              <Th className="w-64">Lanes</Th>
              <Th>Cause</Th>
            </tr>
          </thead>
          <tbody>
            {runs.map((each) => {
              const { tone, words } = wordsOfDeployment(each.state);
              return (
                <Tr key={each.flow}>
                  <Td>
                    <Link href={`/flows/${each.flow}`} className="hover:underline">
                      {each.flow}
                    </Link>
                  </Td>
                  <Td>v{each.version}</Td>
                  <Td>
                    <span className="flex items-center gap-2">
                      <Dot tone={tone} />
                      {words}
                    </span>
                  </Td>
                  <Td className="whitespace-normal font-mono text-12 text-muted" title={each.lanes.join("\n")}>
                    {each.lanes.length > 0 ? `${each.lanes.length}: ${shortenLanes(each.lanes)}` : ""}
                  </Td>
                  <Td className="text-12 text-muted" title={each.cause?.message}>
                    {each.cause ? <InlineCode text={`${each.cause.message} (${each.cause.code})`} /> : ""}
                  </Td>
                </Tr>
              );
            })}
          </tbody>
        </Table>
      )}
      {runs.length > 0 && stopped > 0 ? (
        <p className="border-t px-4 py-2 text-12 text-muted">{formatPlural(stopped, "flow")} stopped.</p>
      ) : null}
    </section>
  );
}

/** Lanes of the flow that the worker has; a queue is a lane of several. */
function lanesOf(flow: LiveView, worker: string): string[] {
  return flow.lanes.filter(({ owners }) => owners.some((owner) => owner.worker === worker)).map(({ lane }) => lane);
}

function Fact({ label, value, warn = false }: { label: string; value: string; warn?: boolean }) {
  return (
    <span className="text-12 text-muted">
      {label} <span className={`font-mono ${warn ? "text-warn" : "text-text"}`}>{value}</span>
    </span>
  );
}
