"use client";

import clsx from "clsx";
import { type ReactNode, useState } from "react";
import type { Payload } from "@/flow/control";
import { CopyButton } from "../payload/code-block";
import { type PayloadMode, PayloadView } from "../payload/payload-view";
import { Segments } from "../ui/tabs";
import { Tag } from "../ui/tag";

/** In and out beside each other; the difference as one text. */
export function InOut({
  input,
  out,
  nothing,
}: {
  input: Payload | null;
  out: { port: string; payload: Payload | null }[];
  /** Said where nothing came out. */
  nothing: string;
}) {
  const [mode, setMode] = useState<PayloadMode>("tree");
  const [shown, setShown] = useState(0);
  const first = out[shown] ?? out[0];
  const canCompare = Boolean(
    input?.value && first?.payload?.value && input.encoding === "text" && first.payload.encoding === "text",
  );
  const effective = mode === "difference" && !canCompare ? "tree" : mode;
  const options = [
    { value: "tree" as const, label: "Tree" },
    { value: "raw" as const, label: "Raw" },
    ...(canCompare ? [{ value: "difference" as const, label: "Difference" }] : []),
  ];
  const ports = (
    <span className="flex flex-wrap gap-1">
      {out.slice(0, 20).map(({ port }, index) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a port may be left several times; the place is the identity
          key={index}
          type="button"
          aria-pressed={index === shown}
          onClick={() => setShown(index)}
          className={clsx("rounded-sm", out.length > 1 && index !== shown && "opacity-60")}
        >
          <Tag tone={port === "error" ? "bad" : index === shown ? "accent" : "idle"}>
            {out.length > 1 && out.filter((each) => each.port === port).length > 1 ? `${port} ${index + 1}` : port}
          </Tag>
        </button>
      ))}
      {out.length > 20 ? <span className="text-12 text-faint">and {out.length - 20} more</span> : null}
    </span>
  );
  return (
    <div className="mt-3 border-y">
      <div className="flex items-center justify-between px-4 py-1.5">
        <span className="flex items-center gap-2 text-12 font-medium text-muted">
          {effective === "difference" ? <>In → out {ports}</> : "Message"}
        </span>
        <Segments<PayloadMode>
          label="How payloads are shown"
          options={options}
          value={effective}
          onValueChange={setMode}
        />
      </div>
      {effective === "difference" ? (
        <div className="border-t px-4 py-2">
          <PayloadView payload={first?.payload ?? null} before={input} mode="difference" />
        </div>
      ) : (
        <div className={clsx("grid gap-px border-t bg-line", input && first ? "grid-cols-2" : "grid-cols-1")}>
          {input ? <Side title="In" payload={input} mode={effective} /> : null}
          {first ? (
            <Side
              title={<span className="flex items-center gap-1.5">Out {ports}</span>}
              payload={first.payload}
              mode={effective}
            />
          ) : null}
          {!first ? <p className="bg-surface px-4 py-2 text-12 text-muted">{nothing}</p> : null}
        </div>
      )}
    </div>
  );
}

function Side({ title, payload, mode }: { title: ReactNode; payload: Payload | null; mode: PayloadMode }) {
  return (
    <div className="min-w-0 bg-surface px-3 pb-3 pt-1.5">
      <h3 className="mb-1 flex min-h-6 items-center justify-between gap-2 text-12 font-medium text-muted">
        {title}
        {payload?.value ? <CopyButton text={payload.value} label="Copy payload" /> : null}
      </h3>
      <PayloadView payload={payload} mode={mode} />
    </div>
  );
}
