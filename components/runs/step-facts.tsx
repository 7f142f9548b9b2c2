import Link from "next/link";
import { Fragment, type ReactNode } from "react";
import type { Payload, RunStep } from "@/flow/control";
import type { RunView } from "@/server/views";
import { CopyButton } from "../payload/code-block";
import { wordsOfMark } from "../payload/headers-table";
import { formatDuration, formatTime } from "../ui/formats";
import { placeOfRun } from "./run-titles";

/** Key, trace, place and what the node told beside the message. */
export function StepFacts({ run, work, message }: { run: RunView; work: RunStep; message: Payload | null }) {
  const at = new Date(run.startedAt.getTime() + work.startMs);
  const key = message ? message.key : run.key;
  const keyMark = message?.keyMark ? wordsOfMark(message.keyMark) : null;
  const facts: [label: string, value: ReactNode][] = [
    [
      "Key",
      work.unkept ? (
        "not kept"
      ) : key === null ? (
        "none"
      ) : (
        <Link key="key" className="hover:underline" href={`/runs?key=${encodeURIComponent(key)}`}>
          {key}
          {keyMark ? <span className="font-sans text-warn">, {keyMark}</span> : null}
        </Link>
      ),
    ],
    ["At", `${formatTime(at, true)}, took ${formatDuration(work.durationMs)}`],
    ...readNotes(work.note ?? {}),
    ["Came from", placeOfRun(run)],
    [
      "Trace",
      <Link key="trace" className="hover:underline" href={`/runs?trace=${run.traceId}`}>
        {run.traceId.slice(0, 16)}…
      </Link>,
    ],
    ["Worker", run.workerId],
    ["Version", `v${run.version}`],
  ];
  return (
    <dl className="grid grid-cols-[104px_1fr] gap-y-1 px-4 py-3">
      {facts.map(([label, value]) => (
        <Fragment key={label}>
          <dt className="text-muted">{label}</dt>
          <dd className="flex min-w-0 items-center gap-1 font-mono text-12 leading-5" suppressHydrationWarning>
            <span className="min-w-0 break-all">{value}</span>
            {label === "Trace" ? <CopyButton text={run.traceId} label="Copy trace id" /> : null}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

type Notes = NonNullable<RunStep["note"]>;

function readNotes({ known, begunAt, ...written }: Notes): [string, ReactNode][] {
  const { topic, partition, offset, ...rest } = written;
  const isWritten = typeof partition === "number" && typeof offset === "number";
  const notes = Object.entries(isWritten ? rest : written).map(readNote);
  // One place, as the search takes it; runs of before do not tell the topic.
  if (isWritten) notes.unshift(["Written to", `${topic ?? "partition"}/${partition} @ ${offset}`]);
  if (known !== true) return notes;
  const since = typeof begunAt === "string" ? `, begun ${formatTime(new Date(begunAt), true)}` : "";
  return [...notes, ["Came again", `already known as this saga${since}`]];
}

/** `tookMs: 402` → `Took`, `402 ms`; other names as words: `statusText` → `Status text`. */
function readNote([name, value]: [string, string | number | boolean | null]): [string, ReactNode] {
  if (name === "saga") {
    const link = (
      <Link key="saga" className="hover:underline" href={`/sagas/${value}`}>
        {value}
      </Link>
    );
    return ["Saga", link];
  }
  const isDuration = name.endsWith("Ms") && typeof value === "number";
  const words = (isDuration ? name.slice(0, -2) : name).replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
  const label = words.charAt(0).toUpperCase() + words.slice(1);
  return [label, isDuration ? formatDuration(value) : String(value)];
}
