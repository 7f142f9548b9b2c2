"use client";

import { useEffect, useRef } from "react";
import { compareTexts } from "@/flow/compare-case";
import type { RedrivePreview } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { Callout } from "../ui/callout";
import { formatCount, formatPlural } from "../ui/formats";

/** What a redrive would do: how many fit, some of them with what changes, field by field, and what may happen twice. Nothing was sent. */
export function PreviewResult({
  preview,
  edits,
  told,
}: {
  preview: RedrivePreview;
  edits: boolean;
  /** What stands above already of what may happen twice. */
  told: string | undefined;
}) {
  const { matched, looked, complete, skipped, skippedWords, editFails, editWords, sample, repeat } = preview;
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (preview) place.current?.scrollIntoView({ block: "nearest" });
  }, [preview]);
  const soFar = complete ? "" : ", as far as was looked";
  return (
    <section ref={place} aria-label="Dry run" className="flex flex-col gap-2 border-t pt-3">
      {editFails > 0 ? (
        <Callout
          tone="bad"
          title={`None would be sent: the change fails on ${formatCount(editFails)} of ${formatCount(matched)}${soFar}`}
        >
          <InlineCode text={editWords ?? ""} />
        </Callout>
      ) : (
        <p className="font-medium">
          {formatCount(matched)} of {formatPlural(looked, "message")} would be sent{soFar}.
          <span className="font-normal text-muted"> Nothing was sent.</span>
        </p>
      )}
      {skipped > 0 ? (
        <Callout tone="warn" title={`The condition fails on ${formatCount(skipped)}: not sent`}>
          <InlineCode text={skippedWords ?? ""} />
        </Callout>
      ) : null}
      {edits || matched === 0 ? null : (
        <p className="text-12 text-muted">
          They go as they are, and fail again unless the flow, or what it calls, has changed since.
        </p>
      )}
      {editFails > 0
        ? null
        : repeat
            .filter((words) => words !== told)
            .map((words) => (
              <p key={words} className="text-12 text-muted">
                {words}
              </p>
            ))}
      {sample.length > 0 ? (
        <div className="thin-scroll max-h-72 overflow-auto rounded-md border">
          <table className="w-full table-fixed text-left text-12">
            <thead className="text-muted">
              <tr>
                <th className="w-28 px-3 py-1.5 font-medium">Key</th>
                <th className="px-3 py-1.5 font-medium">
                  {edits ? (
                    <span className={changeColumns}>
                      <span>Field</span>
                      <span>Before</span>
                      <span>After</span>
                    </span>
                  ) : (
                    "Body"
                  )}
                </th>
              </tr>
            </thead>
            <tbody>
              {sample.map((letter) => (
                <tr key={letter.id} className="border-t align-top">
                  <td className="px-3 py-1.5 font-mono">
                    {letter.key === null ? null : <span className="block truncate">{letter.key}</span>}
                    <span className="block truncate text-muted" title={`${letter.lane} @ ${letter.position}`}>
                      @ {letter.position}
                    </span>
                  </td>
                  <td className="px-3 py-1.5 font-mono">
                    {!edits ? (
                      <span className="line-clamp-3 break-all">{letter.before}</span>
                    ) : letter.error === null ? (
                      <Changes before={letter.before} after={letter.after} />
                    ) : (
                      <span className="break-words font-sans text-bad">
                        <InlineCode text={letter.error} />
                      </span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {sample.length > 0 && sample.length < matched ? (
        <p className="text-12 text-muted">
          The first {sample.length} of {formatCount(matched)}.
        </p>
      ) : null}
    </section>
  );
}

const changeColumns = "grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_minmax(0,3fr)] gap-x-3";

/** What a change makes of one message: the fields that differ, and no other. */
function Changes({ before, after }: { before: string; after: string | null }) {
  const changes = compareTexts(before, after);
  if (changes.length === 0) return <span className="font-sans text-muted">Stays as it is</span>;
  return changes.map(({ field, expected, actual }) => (
    <span key={field} data-field={field} className={changeColumns}>
      <span className="break-words">{field.replace(/^body\./, "")}</span>
      <Value text={expected} className="text-bad" />
      <Value text={actual} className="text-ok" />
    </span>
  ));
}

function Value({ text, className }: { text: string | null; className: string }) {
  return (
    <span className={`break-words ${className}`}>{text ?? <span className="font-sans text-muted">nothing</span>}</span>
  );
}
