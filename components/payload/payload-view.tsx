"use client";

import clsx from "clsx";
import { type ReactNode, useMemo } from "react";
import { formatBytes, formatCount } from "../ui/formats";
import { Tag } from "../ui/tag";
import { diffLines, printPayload } from "./json-diff";
import { tableOf } from "./json-table";
import { JsonTableView } from "./json-table-view";
import { JsonTree, parseKeepingDigits } from "./json-tree";

/** A payload as it is kept: of a run's step, a dead letter, a message on a broker. */
export interface ShownPayload {
  value: string | null;
  encoding: "text" | "base64";
  truncated?: boolean;
  /** Length of the whole, of what was cut. */
  bytes?: number;
}

export type PayloadMode = "tree" | "raw" | "table" | "difference";

/** Characters that are drawn; a page must not stop over one large message. */
const drawnCharacters = 200_000;

/** One payload. `before` is what `difference` compares it with. */
export function PayloadView({
  payload,
  mode = "tree",
  before,
  missing = "Nothing was kept here.",
  whole,
  className,
}: {
  payload: ShownPayload | null;
  mode?: PayloadMode;
  before?: ShownPayload | null;
  /** Said where there is none. */
  missing?: string;
  /** Where a cut one is to be had whole. */
  whole?: ReactNode;
  className?: string;
}) {
  if (!payload) return <p className={clsx("text-12 text-muted", className)}>{missing}</p>;
  if (payload.value === null) return <p className={clsx("text-12 text-muted", className)}>No value: a tombstone.</p>;
  if (payload.value === "") return <p className={clsx("text-12 text-muted", className)}>An empty value.</p>;
  const hidden = payload.value.length - drawnCharacters;
  const cut = payload.truncated || hidden > 0;
  const text = payload.value.slice(0, drawnCharacters);
  return (
    <div className={className}>
      {payload.truncated ? (
        <Note>
          {describeCut(payload)} {whole}
        </Note>
      ) : null}
      {payload.encoding === "base64" ? <Tag className="mb-1">Bytes that are no text, as base64</Tag> : null}
      {mode === "difference" && before?.value && payload.encoding === "text" ? (
        <Difference before={before.value} after={text} />
      ) : mode === "tree" && payload.encoding === "text" && !cut ? (
        <Tree text={text} />
      ) : mode === "table" ? (
        <Table text={text} encoding={payload.encoding} cut={cut} />
      ) : (
        <Raw text={payload.encoding === "text" ? printPayload(text) : text} />
      )}
      {hidden > 0 ? <Note>Shown up to here; {formatCount(hidden)} more characters were kept.</Note> : null}
    </div>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <p className="my-1.5 rounded-sm bg-warn-soft px-2 py-1 text-12 text-warn">{children}</p>;
}

/** `Only its beginning: the first 16 kB of 1.2 MB.` */
function describeCut({ value, encoding, bytes }: ShownPayload): string {
  if (bytes === undefined || value === null) return "Only its beginning: the message is longer.";
  const kept = encoding === "base64" ? (value.length / 4) * 3 : new TextEncoder().encode(value).length;
  return `Only its beginning: the first ${formatBytes(kept)} of ${formatBytes(bytes)}.`;
}

function Raw({ text }: { text: string }) {
  return <pre className="whitespace-pre-wrap break-words font-mono text-12 leading-[19px]">{text}</pre>;
}

function Tree({ text }: { text: string }) {
  const parsed = useMemo(() => {
    try {
      return { value: parseKeepingDigits(text) };
    } catch {
      return null;
    }
  }, [text]);
  return parsed ? <JsonTree value={parsed.value} /> : <Raw text={text} />;
}

function Table({ text, encoding, cut }: { text: string; encoding: ShownPayload["encoding"]; cut: boolean }) {
  const table = useMemo(() => readTable(text, encoding, cut), [text, encoding, cut]);
  if ("columns" in table) return <JsonTableView table={table} />;
  return (
    <>
      <p className="mb-1.5 text-12 text-muted">{table.why}</p>
      <Raw text={encoding === "text" ? printPayload(text) : text} />
    </>
  );
}

function readTable(text: string, encoding: ShownPayload["encoding"], cut: boolean): ReturnType<typeof tableOf> {
  if (encoding === "base64") return { why: "Bytes that are no text make no table." };
  if (cut) return { why: "Only its beginning is here: a part of a JSON makes no table." };
  try {
    return tableOf(parseKeepingDigits(text));
  } catch {
    return { why: "It is no JSON, so it makes no table." };
  }
}

const marks = { same: " ", added: "+", removed: "−" };
const looks = { same: "", added: "bg-ok-soft text-ok", removed: "bg-bad-soft text-bad" };

function Difference({ before, after }: { before: string; after: string }) {
  const lines = useMemo(() => diffLines(printPayload(before), printPayload(after)), [before, after]);
  return (
    <pre className="whitespace-pre-wrap break-words font-mono text-12 leading-[19px]">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
        <span key={index} className={clsx("-mx-3 block px-3", looks[line.kind])}>
          <span aria-hidden className="select-none text-faint">
            {marks[line.kind]}{" "}
          </span>
          {line.text}
        </span>
      ))}
    </pre>
  );
}

/** Are there differences worth a look? */
export function isChanged(before: ShownPayload | null, after: ShownPayload | null): boolean {
  return before?.value !== after?.value;
}
