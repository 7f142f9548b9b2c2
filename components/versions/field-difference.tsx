import { useMemo } from "react";
import type { FieldChange } from "@/flow/diff";
import { cutSame, diffWords } from "@/flow/word-diff";

/** One field: its path, and what became of it; of a text or an expression the words that differ. */
export function FieldDifference({ field }: { field: FieldChange }) {
  return (
    <div className="text-12">
      <p className="break-all text-muted">{field.path.replace(/^config\./, "")}</p>
      <p className="whitespace-pre-wrap break-words font-mono leading-[18px]">
        <Values before={field.before} after={field.after} />
      </p>
    </div>
  );
}

function Values({ before, after }: { before: unknown; after: unknown }) {
  const parts = useMemo(
    () => (before === undefined || after === undefined ? null : diffWords(writeWhole(before), writeWhole(after))),
    [before, after],
  );
  if (parts?.some(({ is, text }) => is === "same" && /[\p{L}\p{N}]/u.test(text))) {
    return cutSame(parts).map(({ is, text }, at) =>
      is === "same" ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no names and never move
        <span key={at}>{text}</span>
      ) : (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <Marked key={at} is={is} text={cutLong(text)} />
      ),
    );
  }
  return (
    <>
      {before === undefined ? (
        <span className="text-muted">not set</span>
      ) : (
        <Marked is="removed" text={write(before)} />
      )}
      <span className="text-muted"> → </span>
      {after === undefined ? <span className="text-muted">not set</span> : <Marked is="added" text={write(after)} />}
    </>
  );
}

function Marked({ is, text }: { is: "added" | "removed"; text: string }) {
  return is === "added" ? (
    <ins className="rounded-sm bg-ok-soft text-ok no-underline">{text}</ins>
  ) : (
    <del className="rounded-sm bg-bad-soft text-bad">{text}</del>
  );
}

const maxLength = 600;

function write(value: unknown): string {
  return cutLong(value === "" ? "“”" : writeWhole(value));
}

function writeWhole(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function cutLong(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
