"use client";

import clsx from "clsx";
import { useState } from "react";
import type { Payload, RunStep } from "@/flow/control";
import type { RunView } from "@/server/views";
import { KindChip } from "../drawing/kind-chip";
import { findKind } from "../drawing/kinds";
import { HeadersTable } from "../payload/headers-table";
import { Callout } from "../ui/callout";
import { TabPanel, Tabs } from "../ui/tabs";
import { InOut } from "./in-out";
import { nodeOf, titleOf } from "./run-titles";
import { SettingsThen } from "./settings-then";
import { StepFacts } from "./step-facts";
import type { Visit } from "./visits";

const nothingLeft: Partial<Record<RunStep["state"], string>> = {
  dropped: "Nothing left this node: the message was dropped here.",
  done: "Written: the message left the flow here.",
};

type Tab = "payload" | "headers" | "settings";

/** One step: cause, what went in and came out, headers, attempts, and the settings of its version. */
export function StepPanel({
  run,
  visit,
  attempt,
  onSelect,
}: {
  run: RunView;
  visit: Visit;
  attempt: Visit["attempts"][number];
  onSelect(step: number): void;
}) {
  const [tab, setTab] = useState<Tab>("payload");
  const node = nodeOf(run.document, visit.node);
  const kind = node ? findKind(node.kind) : undefined;
  const { work } = attempt;
  const payload = (index: number | null): Payload | null =>
    index === null ? null : (run.detail.payloads[index] ?? null);
  const input = payload(work.in);
  return (
    <aside className="flex min-h-0 flex-col overflow-hidden border-l bg-surface">
      <div className="flex items-center gap-2.5 px-4 py-3">
        <KindChip kind={kind} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-14 font-semibold">{titleOf(run.document, visit.node)}</h2>
          <p className="truncate text-12 text-muted">
            {kind?.label ?? node?.kind ?? "No longer in the drawing"}
            {visit.attempts.length > 1 ? ` · attempt ${work.attempt} of ${visit.attempts.at(-1)!.work.attempt}` : ""}
          </p>
        </div>
        {visit.attempts.length > 1 ? <Attempts visit={visit} current={attempt.step} onSelect={onSelect} /> : null}
      </div>
      <Tabs<Tab>
        label="Step"
        value={tab}
        onValueChange={setTab}
        className="min-h-0 flex-1"
        tabs={[
          { value: "payload", label: "Payload" },
          { value: "headers", label: "Headers", count: input?.headers.length ?? 0 },
          { value: "settings", label: "Settings then" },
        ]}
      >
        <TabPanel value="payload">
          <Failure run={run} work={work} />
          <InOut
            input={input}
            out={work.out.map(({ port, payload: index }) => ({ port, payload: payload(index) }))}
            nothing={nothingLeft[work.state] ?? "Nothing left this node."}
          />
          <StepFacts run={run} work={work} input={input} />
        </TabPanel>
        <TabPanel value="headers" className="p-4">
          {input || work.out.length === 0 ? (
            <HeadersTable headers={input?.headers ?? []} />
          ) : (
            <HeadersTable headers={payload(work.out[0]?.payload ?? null)?.headers ?? []} />
          )}
        </TabPanel>
        <TabPanel value="settings" className="p-4">
          <SettingsThen node={node} kind={kind} version={run.version} />
        </TabPanel>
      </Tabs>
    </aside>
  );
}

function Attempts({ visit, current, onSelect }: { visit: Visit; current: number; onSelect(step: number): void }) {
  return (
    <nav aria-label="Attempts" className="flex max-w-40 flex-wrap rounded-full border px-1 text-12 text-muted">
      {visit.attempts.map(({ step, work }) => (
        <button
          key={step}
          type="button"
          aria-label={`Attempt ${work.attempt}`}
          aria-current={step === current ? "true" : undefined}
          onClick={() => onSelect(step)}
          className={clsx(
            "rounded-full px-1.5 leading-5 hover:text-text",
            step === current && "font-semibold text-text",
          )}
        >
          {work.attempt}
        </button>
      ))}
    </nav>
  );
}

function Failure({ run, work }: { run: RunView; work: RunStep }) {
  if (!work.cause) return null;
  const safe =
    work.state === "dead"
      ? run.deadLetterIds.length > 0
        ? "The message is kept whole in the dead letters; nothing was written after this node. Send it again when the cause is gone."
        : "The message went to the dead letters; nothing was written after this node."
      : work.state === "retry"
        ? "It was tried again."
        : work.state === "parked"
          ? "The message is kept whole and waits for a later try, which is a run of its own. Later messages of its key wait behind it."
          : "The message left by the node’s error port.";
  return (
    <div className="px-4 pt-3">
      <Callout
        tone={work.state === "retry" || work.state === "parked" ? "warn" : "bad"}
        title={work.cause.message}
        code={work.cause.code}
      >
        <p>{safe}</p>
        {work.cause.detail ? (
          <details className="mt-1">
            <summary className="text-12 text-muted">What was answered</summary>
            <pre className="mt-1 whitespace-pre-wrap break-words font-mono text-12">{work.cause.detail}</pre>
          </details>
        ) : null}
      </Callout>
    </div>
  );
}
