"use client";

import { useState } from "react";
import type { PartMark } from "@/flow/run-detail";
import { formatBytes, formatCount, formatPlural } from "../ui/formats";

/** So many are drawn at first. */
const shownAtFirst = 200;

/** Headers of a message, in their order; a name may stand more than once. What was not kept as it was is told. */
export function HeadersTable({
  headers,
  marks,
  more = 0,
}: {
  headers: readonly (readonly [string, string])[];
  /** By index. */
  marks?: Readonly<Record<number, PartMark>> | undefined;
  /** Not kept, behind these. */
  more?: number | undefined;
}) {
  const [all, setAll] = useState(false);
  if (headers.length === 0) return <p className="text-12 text-muted">No headers.</p>;
  const shown = all ? headers : headers.slice(0, shownAtFirst);
  return (
    <>
      <dl className="grid grid-cols-[minmax(96px,auto)_minmax(0,1fr)] gap-x-4 gap-y-1 text-12">
        {shown.map(([name, value], index) => {
          const mark = marks?.[index];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a name may repeat; the place is the identity
            <div key={index} className="contents">
              <dt className="max-w-52 break-all font-mono text-muted">{name}</dt>
              <dd className="break-all font-mono">
                {value}
                {mark ? (
                  <span className="ml-1.5 inline-block break-normal font-sans text-warn">{wordsOfMark(mark)}</span>
                ) : null}
              </dd>
            </div>
          );
        })}
      </dl>
      {shown.length < headers.length ? (
        <button type="button" className="mt-2 text-12 text-accent hover:underline" onClick={() => setAll(true)}>
          Show {formatPlural(headers.length - shown.length, "more", "more")}
        </button>
      ) : null}
      {more > 0 ? (
        <p className="mt-2 rounded-sm bg-warn-soft px-2 py-1 text-12 text-warn">
          The first {formatCount(headers.length)} of {formatPlural(headers.length + more, "header")} were kept.
        </p>
      ) : null}
    </>
  );
}

/** How a key or a header's value differs from its bytes. */
export function wordsOfMark({ bytes, base64 }: PartMark): string {
  const words = [
    base64 ? "bytes that are no text, as base64" : "",
    bytes === undefined ? "" : `cut: its beginning, of ${formatBytes(bytes)}`,
  ];
  return words.filter(Boolean).join("; ");
}
