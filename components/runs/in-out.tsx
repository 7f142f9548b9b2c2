"use client";

import clsx from "clsx";
import { type ReactNode, useState } from "react";
import type { Payload } from "@/flow/control";
import { CopyButton } from "../payload/code-block";
import { type PayloadMode, PayloadView } from "../payload/payload-view";
import { Segments } from "../ui/tabs";
import { OutPorts } from "./out-ports";

/** In and out beside each other, or below where they need the room; the difference as one text. */
export function InOut({
  input,
  unkept = false,
  out,
  moreOut = 0,
  nothing,
  missing = "Nothing was kept of this message.",
  whole,
  shown: choice,
  onShow,
}: {
  input: Payload | null;
  /** A message came in, of which nothing was kept. */
  unkept?: boolean;
  out: { port: string; payload: Payload | null }[];
  /** Left, and is not in `out`. */
  moreOut?: number;
  /** Said where nothing came out. */
  nothing: string;
  /** Said of a message of which nothing was kept. */
  missing?: string;
  /** Where one that was cut is to be had whole. */
  whole?(payload: Payload): ReactNode;
  /** Which of `out` is shown, where the caller keeps it. */
  shown?: number;
  onShow?(index: number): void;
}) {
  const [mode, setMode] = useState<PayloadMode>("tree");
  const [own, setOwn] = useState(0);
  const asked = choice ?? own;
  const shown = out[asked] ? asked : 0;
  const first = out[shown];
  const came = input !== null || unkept;
  const canCompare = Boolean(
    input?.value && first?.payload?.value && input.encoding === "text" && first.payload.encoding === "text",
  );
  const effective = mode === "difference" && !canCompare ? "tree" : mode;
  const ports = <OutPorts out={out} more={moreOut} shown={shown} onShow={onShow ?? setOwn} />;
  const side = (title: ReactNode, payload: Payload | null) => (
    <Side
      title={title}
      payload={payload}
      mode={effective}
      missing={missing}
      whole={payload?.truncated ? whole?.(payload) : null}
    />
  );
  // A table is wide, and so is a row of many messages.
  const isBeside = came && first && effective !== "table" && out.length <= 3;
  return (
    <div className="mt-3 border-y first:mt-0 first:border-t-0">
      <div className="flex items-center justify-between gap-2 px-4 py-1.5">
        <span className="flex items-center gap-2 text-12 font-medium text-muted">
          {effective === "difference" ? <>In → out {ports}</> : "Message"}
        </span>
        <Segments<PayloadMode>
          label="How payloads are shown"
          options={[
            { value: "tree", label: "Tree" },
            { value: "raw", label: "Raw" },
            { value: "table", label: "Table" },
            ...(canCompare ? [{ value: "difference" as const, label: "Difference" }] : []),
          ]}
          value={effective}
          onValueChange={setMode}
        />
      </div>
      {effective === "difference" ? (
        <div className="border-t px-4 py-2">
          <PayloadView payload={first?.payload ?? null} before={input} mode="difference" />
        </div>
      ) : (
        <div className={clsx("grid gap-px border-t bg-line", isBeside ? "grid-cols-2" : "grid-cols-1")}>
          {came ? side("In", input) : null}
          {first ? side(<span className="flex min-w-0 items-center gap-1.5">Out {ports}</span>, first.payload) : null}
          {!first ? <p className="bg-surface px-4 py-2 text-12 text-muted">{nothing}</p> : null}
        </div>
      )}
    </div>
  );
}

function Side({
  title,
  payload,
  mode,
  missing,
  whole,
}: {
  title: ReactNode;
  payload: Payload | null;
  mode: PayloadMode;
  missing: string;
  whole: ReactNode;
}) {
  return (
    <section className="min-w-0 bg-surface px-4 pb-3 pt-1.5" aria-label={typeof title === "string" ? title : "Out"}>
      <h3 className="mb-1 flex min-h-6 items-center justify-between gap-2 text-12 font-medium text-muted">
        {title}
        {payload?.value ? <CopyButton text={payload.value} label="Copy payload" /> : null}
      </h3>
      <PayloadView payload={payload} mode={mode} missing={missing} whole={whole} />
    </section>
  );
}
