"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { formatPlural } from "../ui/formats";

/** Children of one node that are drawn at first; the rest comes on demand. */
const shownAtFirst = 100;

export type Json = null | boolean | number | string | RawNumber | Json[] | { [key: string]: Json };

/** A number that a double cannot hold: shown with the digits it came with. */
export class RawNumber {
  constructor(readonly digits: string) {}
}

/** Parses JSON and keeps the digits of integers beyond 2^53. @throws SyntaxError */
export function parseKeepingDigits(text: string): Json {
  // `context.source` is in newer engines only; elsewhere the rounded number is shown.
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && context?.source && /^-?\d+$/.test(context.source)
      ? new RawNumber(context.source)
      : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown) as Json;
}

/** A payload as a tree that folds. Values are text of strangers: only ever rendered as text. */
export function JsonTree({ value }: { value: Json }) {
  return (
    <div className="font-mono text-12 leading-[19px]">
      <Branch name={null} value={value} depth={0} last />
    </div>
  );
}

function Branch({ name, value, depth, last }: { name: string | null; value: Json; depth: number; last: boolean }) {
  const [open, setOpen] = useState(depth < 3);
  const [all, setAll] = useState(false);
  const label =
    name === null ? null : (
      <>
        <span className="text-route">{name}</span>
        <span className="text-faint">: </span>
      </>
    );
  if (typeof value !== "object" || value === null || value instanceof RawNumber) {
    return (
      <div className="whitespace-pre-wrap break-words pl-4">
        {label}
        <Leaf value={value} />
        {last ? null : <span className="text-faint">,</span>}
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries: [string, Json][] = list ? value.map((item, index) => [String(index), item]) : Object.entries(value);
  const [opening, closing] = list ? ["[", "]"] : ["{", "}"];
  const shown = all ? entries : entries.slice(0, shownAtFirst);
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex w-full items-start rounded-sm text-left hover:bg-hover"
      >
        <ChevronRight
          className={`mt-[3px] size-3 w-4 shrink-0 text-faint transition-transform ${open ? "rotate-90" : ""}`}
          aria-hidden
        />
        <span>
          {label}
          <span className="text-faint">
            {opening}
            {open ? null : ` ${formatPlural(entries.length, list ? "item" : "field")} ${closing}${last ? "" : ","}`}
          </span>
        </span>
      </button>
      {open ? (
        <>
          <div className="ml-[7px] border-l pl-2">
            {shown.map(([key, item], index) => (
              <Branch
                key={key}
                name={list ? null : key}
                value={item}
                depth={depth + 1}
                last={index === entries.length - 1}
              />
            ))}
            {shown.length < entries.length ? (
              <button type="button" className="ml-4 text-accent hover:underline" onClick={() => setAll(true)}>
                Show {formatPlural(entries.length - shown.length, "more", "more")}
              </button>
            ) : null}
          </div>
          <div className="pl-4 text-faint">
            {closing}
            {last ? "" : ","}
          </div>
        </>
      ) : null}
    </div>
  );
}

function Leaf({ value }: { value: null | boolean | number | string | RawNumber }) {
  if (typeof value === "string") return <span className="text-ok">{JSON.stringify(value)}</span>;
  if (value instanceof RawNumber) return <span className="text-source">{value.digits}</span>;
  if (typeof value === "number") return <span className="text-source">{String(value)}</span>;
  return <span className="text-call">{String(value)}</span>;
}
