"use client";

import clsx from "clsx";
import { useMemo } from "react";
import { Tag } from "../ui/tag";
import { diffLines, printPayload } from "./json-diff";
import { JsonTree, parseKeepingDigits } from "./json-tree";

/** A payload as it is kept: of a run's step, a dead letter, a message on a broker. */
export interface ShownPayload {
  value: string | null;
  encoding: "text" | "base64";
  truncated?: boolean;
}

export type PayloadMode = "tree" | "raw" | "difference";

/** Characters that are drawn; a page must not stop over one large message. */
const drawnCharacters = 200_000;

/** One payload. `before` is what `difference` compares it with. */
export function PayloadView({
  payload,
  mode = "tree",
  before,
  className,
}: {
  payload: ShownPayload | null;
  mode?: PayloadMode;
  before?: ShownPayload | null;
  className?: string;
}) {
  if (!payload) return <p className={clsx("text-12 text-faint", className)}>Nothing was kept here.</p>;
  if (payload.value === null) return <p className={clsx("text-12 text-muted", className)}>No value: a tombstone.</p>;
  if (payload.value === "") return <p className={clsx("text-12 text-muted", className)}>An empty value.</p>;
  const cut = payload.truncated || payload.value.length > drawnCharacters;
  const text = payload.value.slice(0, drawnCharacters);
  return (
    <div className={className}>
      {payload.encoding === "base64" ? <Tag className="mb-1">Bytes that are no text, as base64</Tag> : null}
      {mode === "difference" && before?.value && payload.encoding === "text" ? (
        <Difference before={before.value} after={text} />
      ) : mode === "tree" && payload.encoding === "text" && !cut ? (
        <Tree text={text} />
      ) : (
        <Raw text={payload.encoding === "text" ? printPayload(text) : text} />
      )}
      {cut ? (
        <Tag tone="warn" className="mt-1">
          Cut here: the message is longer
        </Tag>
      ) : null}
    </div>
  );
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
