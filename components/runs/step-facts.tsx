import Link from "next/link";
import { Fragment, type ReactNode } from "react";
import type { Payload, RunStep } from "@/flow/control";
import type { RunView } from "@/server/views";
import { CopyButton } from "../payload/code-block";
import { formatDuration, formatTime } from "../ui/formats";

/** Key, trace, place and what the node told beside the message. */
export function StepFacts({ run, work, input }: { run: RunView; work: RunStep; input: Payload | null }) {
  const at = new Date(run.startedAt.getTime() + work.startMs);
  const facts: [label: string, value: ReactNode][] = [
    [
      "Key",
      (input?.key ?? run.key) ? (
        <Link
          key="key"
          className="hover:underline"
          href={`/runs?key=${encodeURIComponent(input?.key ?? run.key ?? "")}`}
        >
          {input?.key ?? run.key}
        </Link>
      ) : (
        "none"
      ),
    ],
    ["At", `${formatTime(at, true)}, took ${formatDuration(work.durationMs)}`],
    ...readNotes(work.note ?? {}),
    [
      "Trace",
      <Link key="trace" className="hover:underline" href={`/runs?trace=${run.traceId}`}>
        {run.traceId.slice(0, 16)}…
      </Link>,
    ],
    ["Worker", `${run.workerId}, lane ${run.lane}`],
    ["Position", run.position],
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

function readNotes({ known, begunAt, ...rest }: Notes): [string, ReactNode][] {
  const notes = Object.entries(rest).map(readNote);
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
