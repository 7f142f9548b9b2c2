"use client";

import clsx from "clsx";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { memo } from "react";
import { InlineCode } from "../drawing/inline-code";
import { ChooseAll } from "../ui/choose-all";
import { formatAge, formatDuration, formatExact } from "../ui/formats";
import { RelativeTime, useNow } from "../ui/relative-time";
import { Checkbox } from "../ui/switch";
import { Table, Td, Th, Tr } from "../ui/table";
import type { ListedSaga } from "./saga-filter";
import { SagaMark } from "./saga-mark";

/** Sagas in rows of 32 px: status, key, flow and version, where it stands, when, how long, the error in one line. */
export function SagaTable({
  rows,
  showFlow,
  titles,
  chosen,
  onChoose,
  onToggle,
}: {
  rows: readonly ListedSaga[];
  showFlow: boolean;
  titles: readonly { name: string; title: string }[];
  /** Absent when the role may not act. */
  chosen: ReadonlySet<string> | null;
  onChoose(chosen: ReadonlySet<string>): void;
  /** Of one; must not depend on what is chosen: rows keep the one that they were drawn with. */
  onToggle(id: string, on: boolean): void;
}) {
  const ids = rows.filter(({ saga }) => saga.endedAt === null).map(({ saga }) => saga.id);
  return (
    <Table className="table-fixed">
      <thead>
        <tr>
          {chosen ? (
            <Th className="w-10">
              <ChooseAll label="Choose all that have not ended" ids={ids} chosen={chosen} onChoose={onChoose} />
            </Th>
          ) : null}
          <Th className="w-36">Status</Th>
          <Th className="w-44">Key</Th>
          <Th className={showFlow ? "w-52" : "w-20"}>{showFlow ? "Flow" : "Version"}</Th>
          <Th className="w-48">Stands at</Th>
          <Th className="w-28">Started</Th>
          <Th className="w-28" align="right">
            Took, or age
          </Th>
          <Th>Error</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <SagaRow
            key={row.saga.id}
            row={row}
            title={showFlow ? (titles.find(({ name }) => name === row.saga.flow)?.title ?? row.saga.flow) : null}
            chosen={chosen ? chosen.has(row.saga.id) : null}
            onToggle={onToggle}
          />
        ))}
      </tbody>
    </Table>
  );
}

const SagaRow = memo(
  function SagaRow({
    row: { saga, gone },
    title,
    chosen,
    onToggle,
  }: {
    row: ListedSaga;
    title: string | null;
    chosen: boolean | null;
    onToggle(id: string, on: boolean): void;
  }) {
    const router = useRouter();
    const href = `/sagas/${saga.id}`;
    const { error } = saga;
    return (
      <Tr
        selected={chosen === true}
        className={clsx("cursor-pointer", gone && "opacity-55")}
        title={gone ? "No longer matches the filter, or is forgotten" : undefined}
        onClick={() => router.push(href)}
      >
        {chosen === null ? null : (
          <Td onClick={(event) => event.stopPropagation()}>
            {saga.endedAt ? null : (
              <Checkbox label={`Choose ${saga.key}`} checked={chosen} onCheckedChange={(on) => onToggle(saga.id, on)} />
            )}
          </Td>
        )}
        <Td>
          <Link href={href} onClick={(event) => event.stopPropagation()} prefetch={false}>
            <SagaMark status={saga.status} />
          </Link>
        </Td>
        <Td className="font-mono text-12" title={saga.key}>
          {saga.key}
        </Td>
        <Td>
          {title}
          <span className={title ? "ml-1.5 text-12 text-faint" : ""}>v{saga.version}</span>
        </Td>
        <Td className="text-muted" title={saga.steps.join(", ")}>
          {saga.stepTitles.join(", ")}
        </Td>
        <Td className="text-muted">
          <RelativeTime date={saga.startedAt} />
        </Td>
        <Td align="right" className="font-mono text-12">
          {saga.endedAt ? (
            formatDuration(saga.endedAt.getTime() - saga.startedAt.getTime())
          ) : (
            <Age startedAt={saga.startedAt} dueAt={saga.dueAt} />
          )}
        </Td>
        <Td className="text-12 text-muted" title={error ? `${error.message} (${error.code})` : undefined}>
          {error ? (
            <>
              <span className="text-bad">{error.title}: </span>
              <InlineCode text={error.message} />
            </>
          ) : null}
        </Td>
      </Tr>
    );
  },
  (before, after) => before.row === after.row && before.title === after.title && before.chosen === after.chosen,
);

/** How long one has been under way, told apart from one that has ended. */
function Age({ startedAt, dueAt }: { startedAt: Date; dueAt: Date | null }) {
  const ms = Math.max(0, (useNow() || Date.now()) - startedAt.getTime());
  return (
    <span
      className="text-muted"
      title={dueAt ? `Something is to be done ${formatExact(dueAt)}` : "Waits until something comes"}
      suppressHydrationWarning
    >
      {formatAge(ms)}
    </span>
  );
}
