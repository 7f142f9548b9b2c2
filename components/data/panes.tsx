"use client";

import { useEffect, useState } from "react";
import type { FlowNode } from "@/flow/document";
import { nameSample } from "../form/expression-result";
import { CodeBlock } from "../payload/code-block";
import { Select } from "../ui/select";
import { Tag } from "../ui/tag";
import { DataTree } from "./data-tree";
import type { LiveOutput } from "./live-output";
import type { NodeData } from "./use-node-data";

/** What comes to the node: real messages, one chosen, as a tree whose fields go into expressions. */
export function InputPane({ data, isSource }: { data: NodeData; isSource: boolean }) {
  const [raw, setRaw] = useState(false);
  const { values = {} } = data.samples[data.index] ?? {};
  return (
    <section aria-label="Input" className="flex min-h-0 min-w-0 flex-col">
      <PaneHead title={isSource ? "Messages" : "Input"} raw={raw} onRaw={setRaw} />
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,104px)] gap-1.5 px-3 pb-2">
        <Select label="Samples from" value={data.origin} options={data.origins} onValueChange={data.chooseOrigin} />
        <Select
          label="Sample"
          mono
          value={String(data.index)}
          options={data.samples.map((sample, index) => ({ value: String(index), label: nameSample(sample, index) }))}
          onValueChange={(next) => data.pick(Number(next))}
          disabled={data.samples.length < 2}
          placeholder="none"
        />
      </div>
      <div className="thin-scroll min-h-0 flex-1 overflow-auto px-2 pb-3">
        {data.reading ? (
          <p className="px-1 text-12 text-muted">Reading…</p>
        ) : data.samples.length === 0 ? (
          <p className="px-1 text-12 text-muted">No message is known here. Wire a source to it, or try a message.</p>
        ) : raw ? (
          <CodeBlock text={writeRaw(values.body)} />
        ) : (
          <>
            {"body" in values ? <DataTree label="Body" root="body" value={values.body} /> : null}
            {"key" in values ? <DataTree label="Key" root="key" value={values.key} /> : null}
            {isEmpty(values.headers) ? null : <DataTree label="Headers" root="headers" value={values.headers} />}
          </>
        )}
      </div>
      {data.samples.length > 0 && !raw && !isSource ? (
        <p className="border-t px-3 py-1.5 text-12 text-muted">
          Drag a field into an expression, or press Enter on it.
        </p>
      ) : null}
    </section>
  );
}

/** What the node gave for the chosen sample, by port; of what only computes, what it gives as it is set now. */
export function OutputPane({ node, data }: { node: FlowNode; data: NodeData }) {
  const [raw, setRaw] = useState(false);
  const live = useLiveOutput(node, data);
  const sample = data.samples[data.index];
  const seen = sample?.out;
  const out = live === null ? seen : live.ok ? live.out : [];
  const failure = live === null ? sample?.error : live.ok ? undefined : live.message;
  return (
    <section aria-label="Output" className="flex min-h-0 min-w-0 flex-col">
      <PaneHead title="Output" raw={raw} onRaw={setRaw} />
      <p className="px-3 pb-2 text-12 text-muted">
        {live
          ? "As it is set now, on this sample"
          : seen
            ? "As it was for this message"
            : "Known when a message has come by"}
      </p>
      <div className="thin-scroll min-h-0 flex-1 overflow-auto px-3 pb-3" aria-live="polite">
        {failure === undefined ? null : <p className="break-words text-12 text-bad">{failure}</p>}
        {out?.length === 0 && failure === undefined ? <p className="text-12 text-muted">Nothing leaves it.</p> : null}
        {out?.map(({ port, body }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a message may leave twice by one port
          <div key={index} className="mb-3">
            <p className="mb-0.5 flex items-center gap-1.5 text-12 text-muted">
              by{" "}
              <Tag tone={port === "error" ? "bad" : port === "rest" || port === "otherwise" ? "idle" : "ok"}>
                {port}
              </Tag>
            </p>
            {raw ? (
              <CodeBlock text={writeRaw(body)} />
            ) : (
              <DataTree label={`Body that leaves by ${port}`} root="body" value={body} onPick={noPick} />
            )}
          </div>
        ))}
        {out === undefined && failure === undefined ? (
          <p className="text-12 text-muted">Deploy the flow, or try a message, to see what it gives.</p>
        ) : null}
      </div>
    </section>
  );
}

/** What leaves a node is not what its own expressions see. */
const noPick = () => undefined;

function PaneHead({ title, raw, onRaw }: { title: string; raw: boolean; onRaw(raw: boolean): void }) {
  return (
    <div className="flex h-9 shrink-0 items-center justify-between px-3">
      <h3 className="font-semibold">{title}</h3>
      <button
        type="button"
        aria-pressed={raw}
        className="rounded-sm text-12 text-muted hover:text-text aria-pressed:text-accent"
        onClick={() => onRaw(!raw)}
      >
        Raw
      </button>
    </div>
  );
}

function useLiveOutput(node: FlowNode, data: NodeData): LiveOutput | null {
  const [output, setOutput] = useState<LiveOutput | null>(null);
  const { scope } = data;
  const { kind, config, id } = node;
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(async () => {
      const { runLive } = await import("./live-output");
      const next = scope && "body" in scope.values ? await runLive({ id, kind, config }, scope) : null;
      if (!gone) setOutput(next);
    }, 120);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [id, kind, config, scope]);
  return output;
}

function writeRaw(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "nothing");
}

function isEmpty(value: unknown): boolean {
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}
