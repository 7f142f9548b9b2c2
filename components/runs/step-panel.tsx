"use client";

import clsx from "clsx";
import { memo, useState } from "react";
import type { Payload, RunStep } from "@/flow/control";
import type { RunView } from "@/server/views";
import { KindChip } from "../drawing/kind-chip";
import { findKind } from "../drawing/kinds";
import { MaskedNote } from "../payload/masked-note";
import { Stepper } from "../ui/stepper";
import { TabPanel, Tabs } from "../ui/tabs";
import { InOut } from "./in-out";
import { nodeOf, titleOf } from "./run-titles";
import { SendFrom } from "./send-from";
import { SettingsThen } from "./settings-then";
import { StepFacts } from "./step-facts";
import { StepFailure } from "./step-failure";
import { StepHeaders } from "./step-headers";
import { countOut, type Visit } from "./visits";
import { unkeptWords, WholeMessage } from "./whole-message";

const nothingLeft: Partial<Record<RunStep["state"], string>> = {
  dropped: "Nothing left this node: the message was dropped here.",
  done: "Written: the message left the flow here.",
};

const missingSettings: Record<RunView["drawing"], string> = {
  there: "This node is not in the drawing of its version.",
  "flow-deleted": "The flow was deleted, and its settings with it.",
  "version-missing": "This version is not here, and neither are its settings.",
  "version-unreadable": "The settings of this version cannot be read by this release of Millrace.",
};

type Tab = "payload" | "headers" | "settings";

/** One step: cause, what went in and came out, headers, attempts, and the settings of its version. */
export const StepPanel = memo(function StepPanel({
  run,
  visits,
  visit,
  attempt,
  onSelect,
}: {
  run: RunView;
  /** All of the run's. */
  visits: readonly Visit[];
  visit: Visit;
  attempt: Visit["attempts"][number];
  onSelect(step: number): void;
}) {
  const [tab, setTab] = useState<Tab>("payload");
  // Which of several that left is a matter of the step; how they are shown stays while one walks.
  const [chosen, setChosen] = useState({ step: attempt.step, shown: 0 });
  const node = nodeOf(run.document, visit.node);
  const kind = node ? findKind(node.kind) : undefined;
  const { work } = attempt;
  const shown = chosen.step === attempt.step ? chosen.shown : 0;
  const onShow = (index: number) => setChosen({ step: attempt.step, shown: index });
  const payload = (index: number | null): Payload | null =>
    index === null ? null : (run.detail.payloads[index] ?? null);
  const input = payload(work.in);
  const out = work.out.map(({ port, payload: index }) => ({ port, payload: payload(index) }));
  const came = input !== null || work.unkept === true;
  const moreOut = countOut(work) - out.length;
  const nothing = nothingLeft[work.state] ?? "Nothing left this node.";
  const ofNode = visits.filter((each) => each.node === visit.node);
  const at = ofNode.indexOf(visit) + 1;
  return (
    <aside aria-label="Step" className="flex min-h-0 flex-col overflow-hidden border-l bg-surface">
      <div className="flex items-center gap-2.5 px-4 py-3">
        <KindChip kind={kind} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-14 font-semibold">{titleOf(run.document, visit.node)}</h2>
          <p className="truncate text-12 text-muted">
            {kind?.label ??
              node?.kind ??
              (run.drawing === "there" ? "Not in the drawing" : "Of a drawing that is not here")}
            {visit.attempts.length > 1 ? ` · attempt ${work.attempt} of ${visit.attempts.at(-1)!.work.attempt}` : ""}
          </p>
        </div>
        <SendFrom key={attempt.step} run={run} step={attempt.step} />
      </div>
      {ofNode.length > 1 || visit.attempts.length > 1 ? (
        <div className="-mt-1 flex flex-wrap items-center justify-between gap-2 px-4 pb-2">
          {ofNode.length > 1 ? (
            <Stepper
              what="visit"
              at={at}
              of={ofNode.length}
              onGo={(next) => onSelect(ofNode[next - 1]!.attempts.at(-1)!.step)}
            />
          ) : null}
          {visit.attempts.length > 1 ? <Attempts visit={visit} current={attempt.step} onSelect={onSelect} /> : null}
        </div>
      ) : null}
      <Tabs<Tab>
        label="Step"
        value={tab}
        onValueChange={setTab}
        className="min-h-0 flex-1"
        tabs={[
          { value: "payload", label: "Payload" },
          { value: "headers", label: "Headers", count: countHeaders(input ?? out[shown]?.payload ?? null) },
          { value: "settings", label: "Settings then" },
        ]}
      >
        <TabPanel value="payload">
          <StepFailure run={run} work={work} />
          <InOut
            input={input}
            unkept={work.unkept === true}
            out={out}
            moreOut={moreOut}
            nothing={nothing}
            missing={unkeptWords}
            whole={(cut) => <WholeMessage run={run} work={work} payload={cut} />}
            shown={shown}
            onShow={onShow}
          />
          <MaskedNote fields={run.masked} />
          <StepFacts run={run} work={work} message={input ?? (work.unkept ? null : (out[0]?.payload ?? null))} />
        </TabPanel>
        <TabPanel value="headers" className="p-4">
          <StepHeaders {...{ came, input, out, moreOut, nothing, shown, onShow }} />
        </TabPanel>
        <TabPanel value="settings" className="p-4">
          <SettingsThen node={node} kind={kind} version={run.version} missing={missingSettings[run.drawing]} />
        </TabPanel>
      </Tabs>
    </aside>
  );
});

function countHeaders(payload: Payload | null): number {
  return payload ? payload.headers.length + (payload.moreHeaders ?? 0) : 0;
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
