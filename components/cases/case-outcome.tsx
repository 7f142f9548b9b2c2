"use client";

import { useMemo } from "react";
import type { TestCase } from "@/flow/test-case";
import type { CaseResult } from "@/flow/trial";
import { useDesigner, useDesignerStore } from "../designer/context";
import { inspectedNode } from "../designer/store";
import { InOut } from "../runs/in-out";
import { StepRows } from "../runs/step-rows";
import { visitsOf } from "../runs/visits";
import { describeStep, effectsOf, wordsOfEffect } from "../trial/trial-way";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Differences } from "./differences";
import { takeOutcome } from "./edit-cases";
import type { CaseState } from "./run-cases";
import { takeField } from "./take-field";

/** What came of a case: where it differs, then step by step. */
export function CaseOutcome({
  own,
  state,
  result,
  onChange,
}: {
  own: TestCase;
  state: CaseState;
  result: CaseResult | undefined;
  onChange: ((next: TestCase) => void) | undefined;
}) {
  const workers = useDesigner((all) => all.cases.error);
  if (!result) {
    return (
      <p className="p-4 text-muted">
        {workers ? `It could not be run: ${workers}` : "It was not run yet since it was changed."}
      </p>
    );
  }
  const { trial, problem, differences } = result;
  const take = trial && onChange ? () => onChange(takeOutcome(own, trial)) : undefined;
  return (
    <div className="flex flex-col gap-3 pb-4">
      {problem ? (
        <Callout tone="bad" title="It could not be tried" code={problem.code} className="mx-4 mt-4">
          {problem.message}
        </Callout>
      ) : null}
      {state === "passed" ? (
        <p className="px-4 pt-4 text-muted">
          {Object.keys(own.expect).length > 0 || own.fails
            ? "All that it expects came."
            : "It expects nothing yet, so nothing can differ."}
        </p>
      ) : null}
      {differences.length > 0 ? (
        <div className="px-4 pt-3">
          <Differences
            differences={differences}
            {...(onChange ? { onTake: (each) => onChange(takeField(own, each, trial?.outcome)) } : {})}
          />
        </div>
      ) : null}
      {take && (differences.length > 0 || Object.keys(own.expect).length === 0) ? (
        <Button className="mx-4 self-start" onClick={take}>
          Take what came as expected
        </Button>
      ) : null}
      {trial ? <Steps result={result} /> : null}
    </div>
  );
}

function Steps({ result }: { result: CaseResult }) {
  const store = useDesignerStore();
  const trial = result.trial!;
  const document = useDesigner((state) => state.document);
  const inspected = useDesigner(inspectedNode);
  const visits = useMemo(() => visitsOf(trial.detail), [trial]);
  const first = result.differences[0]?.node;
  const shown = visits.find(({ node }) => node === inspected) ?? visits.find(({ node }) => node === first);
  const work = shown?.attempts.at(-1)?.work;
  const payload = (index: number | null) => (index === null ? null : (trial.detail.payloads[index] ?? null));
  const said = shown
    ? effectsOf(
        trial,
        shown.attempts.map(({ step }) => step),
      ).map(wordsOfEffect)
    : [];
  return (
    <section aria-label="Steps" className="border-t pt-2">
      <h3 className="px-4 pb-1 text-12 font-medium text-muted">Steps</h3>
      <StepRows
        document={document}
        visits={visits}
        selected={shown}
        onSelect={(visit) => store.getState().select([visit.node])}
        describe={(visit) =>
          describeStep(
            trial,
            visit.attempts.map(({ step }) => step),
          )
        }
      />
      {shown && work ? (
        <InOut
          key={shown.step}
          input={payload(work.in)}
          out={work.out.map(({ port, payload: index }) => ({ port, payload: payload(index) }))}
          nothing={said.length > 0 ? `It ${said.join("; ")}.` : "Nothing left this node."}
        />
      ) : null}
    </section>
  );
}
