"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { memo } from "react";
import type { RunSummary } from "@/server/views";
import { formatDuration } from "../ui/formats";
import { RelativeTime } from "../ui/relative-time";
import { wordsOfRun } from "../ui/state-words";
import { Table, Td, Th, Tr } from "../ui/table";
import { Dot } from "../ui/tag";

/** Runs in rows of 32 px: state, key, flow and version, when, how long, attempts, the error in one line. */
export function RunTable({
  runs,
  showFlow,
  titles,
}: {
  runs: readonly RunSummary[];
  showFlow: boolean;
  titles: readonly { name: string; title: string }[];
}) {
  return (
    <Table className="table-fixed">
      <thead>
        <tr>
          <Th className="w-44">State</Th>
          <Th className="w-44">Key</Th>
          <Th className={showFlow ? "w-56" : "w-20"}>{showFlow ? "Flow" : "Version"}</Th>
          <Th className="w-40">Came from</Th>
          <Th className="w-28">Started</Th>
          <Th className="w-24" align="right">
            Took
          </Th>
          <Th className="w-20" align="right">
            Attempts
          </Th>
          <Th>Error</Th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            title={showFlow ? (titles.find((flow) => flow.name === run.flow)?.title ?? run.flow) : null}
          />
        ))}
      </tbody>
    </Table>
  );
}

const RunRow = memo(function RunRow({ run, title }: { run: RunSummary; title: string | null }) {
  const router = useRouter();
  const href = `/runs/${run.id}`;
  const { tone, words } = wordsOfRun(run.state);
  return (
    <Tr className="cursor-pointer" onClick={() => router.push(href)}>
      <Td>
        <Link
          href={href}
          className="flex items-center gap-2"
          onClick={(event) => event.stopPropagation()}
          prefetch={false}
        >
          <Dot tone={tone} />
          {words}
        </Link>
      </Td>
      <Td className="font-mono text-12">{run.key ?? <span className="font-sans text-faint">no key</span>}</Td>
      <Td>
        {title}
        <span className={title ? "ml-1.5 text-12 text-faint" : ""}>v{run.version}</span>
      </Td>
      <Td className="font-mono text-12 text-muted" title={`${run.lane} @ ${run.position}`}>
        {run.lane} @ {run.position}
      </Td>
      <Td className="text-muted">
        <RelativeTime date={run.startedAt} />
      </Td>
      <Td align="right" className="font-mono text-12">
        {formatDuration(run.durationMs)}
      </Td>
      <Td align="right" className="font-mono text-12">
        {run.attempts > 1 ? (
          <span className="text-warn">{run.attempts}</span>
        ) : (
          <span className="text-faint">{run.attempts}</span>
        )}
      </Td>
      <Td className="text-12 text-muted" title={run.error ?? undefined}>
        {run.error ? (
          <>
            {run.errorNode ? <span className="text-bad">{run.errorNode}: </span> : null}
            {run.error}
          </>
        ) : null}
      </Td>
    </Tr>
  );
});
