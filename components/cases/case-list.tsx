"use client";

import clsx from "clsx";
import { Play } from "lucide-react";
import type { KeyboardEvent } from "react";
import type { TestCase } from "@/flow/test-case";
import { useDesigner, useDesignerStore } from "../designer/context";
import { nodeOf } from "../designer/edit";
import { readFlowSettings, writeFlowSettings } from "../designer/flow-settings";
import { titleOfNode } from "../drawing/kinds";
import { IconButton } from "../ui/button";
import { formatDuration, formatPlural } from "../ui/formats";
import { Switch } from "../ui/switch";
import { Dot } from "../ui/tag";
import { casesOf } from "./edit-cases";
import { type CaseState, standingOf } from "./run-cases";

export const stateWords: Record<CaseState, { tone: "ok" | "bad" | "idle"; words: string }> = {
  passed: { tone: "ok", words: "Passed" },
  failed: { tone: "bad", words: "Failed" },
  "not-run": { tone: "idle", words: "Not run" },
};

/** Every case with how it stands; arrows move among them. */
export function CaseList({
  shown,
  onOpen,
  onRun,
}: {
  shown: string;
  onOpen(name: string): void;
  onRun(name: string): void;
}) {
  const document = useDesigner((state) => state.document);
  const state = useDesigner((all) => all.cases);
  const cases = casesOf(document);
  const standings = cases.map((own) => standingOf(own, state));
  const count = (wanted: CaseState) => standings.filter((each) => each.state === wanted).length;
  const failed = count("failed");
  const waiting = count("not-run");
  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = cases[cases.findIndex(({ name }) => name === shown) + move];
    if (move === 0 || !next) return;
    event.preventDefault();
    onOpen(next.name);
    const rows = event.currentTarget.querySelectorAll<HTMLElement>("[data-case]");
    rows[cases.indexOf(next)]?.focus();
  }
  return (
    <aside aria-label="Cases" className="flex min-h-0 flex-col border-r bg-surface">
      <p className="px-4 pb-1.5 pt-3 text-12 font-medium text-muted" role="status" data-testid="cases-summary">
        {formatPlural(cases.length, "case")}
        {failed > 0 ? `, ${failed} ${failed === 1 ? "fails" : "fail"}` : waiting === 0 ? ", all pass" : ""}
        {waiting > 0 ? `, ${waiting} not run` : ""}
      </p>
      {state.error ? <p className="px-4 pb-2 text-12 text-warn">They could not be run: {state.error}</p> : null}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows move among the buttons inside */}
      <div className="thin-scroll min-h-0 flex-1 overflow-auto pb-4" onKeyDown={onKeyDown}>
        {cases.map((own, index) => (
          <CaseRow
            key={own.name}
            own={own}
            standing={standings[index]!}
            current={own.name === shown}
            onOpen={onOpen}
            onRun={onRun}
          />
        ))}
      </div>
      <RequireTests />
    </aside>
  );
}

function CaseRow({
  own,
  standing: { state, result },
  current,
  onOpen,
  onRun,
}: {
  own: TestCase;
  standing: ReturnType<typeof standingOf>;
  current: boolean;
  onOpen(name: string): void;
  onRun(name: string): void;
}) {
  const source = useDesigner((all) => nodeOf(all.document, own.at));
  const words = stateWords[state];
  const first = result?.differences[0];
  const second = result?.problem?.message ?? (first ? `${words.words} at ${first.node}: ${first.field}` : words.words);
  return (
    <div className={clsx("group relative", current ? "bg-accent-soft" : "hover:bg-hover")}>
      <button
        type="button"
        data-case={own.name}
        data-state={state}
        aria-current={current ? "true" : undefined}
        onClick={() => onOpen(own.name)}
        className="grid w-full grid-cols-[10px_1fr_auto] items-start gap-x-3 py-1.5 pl-4 pr-9 text-left"
      >
        <Dot tone={words.tone} hollow={state === "not-run"} label={words.words} className="mt-1.5" />
        <span className="min-w-0">
          <span className="block truncate">{own.name}</span>
          <span className={clsx("block truncate text-12", state === "failed" ? "text-bad" : "text-muted")}>
            {second} · {source ? titleOfNode(source) : own.at}
          </span>
        </span>
        <span className="font-mono text-12 leading-5 text-muted">{result ? formatDuration(result.tookMs) : ""}</span>
      </button>
      <IconButton
        label={`Run ${own.name}`}
        size="sm"
        className="!absolute right-2 top-1.5 opacity-0 focus-visible:opacity-100 group-hover:opacity-100"
        onClick={() => onRun(own.name)}
      >
        <Play />
      </IconButton>
    </div>
  );
}

/** The flow's own setting: its cases are a gate of Deploy. */
function RequireTests() {
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const checked = useDesigner((state) => state.document.settings?.requireTests ?? false);
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the switch is the control
    <label className="flex shrink-0 cursor-pointer items-center gap-2 border-t px-4 py-2.5">
      <Switch
        checked={checked}
        disabled={readOnly}
        label="Deploy only when all tests pass"
        onCheckedChange={(requireTests) => {
          const { document, apply } = store.getState();
          apply(writeFlowSettings(document, { ...readFlowSettings(document), requireTests }));
        }}
      />
      Deploy only when all tests pass
    </label>
  );
}
