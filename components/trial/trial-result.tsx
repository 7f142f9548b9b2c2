"use client";

import { useEffect, useMemo, useState } from "react";
import type { Payload } from "@/flow/control";
import { useDesigner, useDesignerStore } from "../designer/context";
import { inspectedNode } from "../designer/store";
import { InOut } from "../runs/in-out";
import { titleOf } from "../runs/run-titles";
import { StepRows } from "../runs/step-rows";
import { type Visit, visitsOf, visitToShow } from "../runs/visits";
import { Callout } from "../ui/callout";
import { wordsOfError } from "../ui/error-words";
import { formatDuration } from "../ui/formats";
import { Tag } from "../ui/tag";
import type { Tried } from "./trial-panel";
import { describeStep, effectsOf, wordsOfEffect, wordsOfTrial } from "./trial-way";

/** What became of the message, step by step, and each step's message in and out. */
export function TrialResult({ tried, error }: { tried: Tried | null; error: unknown }) {
  if (error) {
    const words = wordsOfError(error);
    return (
      <Callout tone="bad" title="It could not be tried" code={words.code} className="m-4 self-start">
        {words.message}
      </Callout>
    );
  }
  if (!tried) {
    return (
      <p className="self-center px-6 text-center text-muted">
        Pick a message or type one, then press Ctrl Enter. The way that it takes is coloured on the drawing, and what
        each node gives stands here.
      </p>
    );
  }
  return <Result key={tried.turn} tried={tried} />;
}

function Result({ tried }: { tried: Tried }) {
  const { trial, document } = tried;
  const store = useDesignerStore();
  const visits = useMemo(() => visitsOf(trial.detail), [trial]);
  const [chosen, setChosen] = useState<Visit | undefined>(() => visitToShow(visits));
  const inspected = useDesigner(inspectedNode);
  // In step with the drawing: the node that is chosen there is the step that is shown here.
  useEffect(() => {
    const visit = visits.find(({ node }) => node === inspected);
    if (visit) setChosen((before) => (before?.node === inspected ? before : visit));
  }, [inspected, visits]);
  const words = wordsOfTrial(trial);
  return (
    <div className="grid min-h-0 grid-cols-[minmax(180px,2fr)_minmax(0,4fr)]">
      <section aria-label="Steps" className="thin-scroll min-h-0 overflow-auto border-r pb-2">
        <p role="status" className="flex h-8 items-center gap-2 px-4 text-12" data-testid="trial-state">
          <Tag tone={words.tone}>{words.words}</Tag>
          <span className="font-mono text-muted">{formatDuration(trial.durationMs)}</span>
        </p>
        {trial.cut ? <p className="px-4 pb-1 text-12 text-warn">{trial.cut}</p> : null}
        <StepRows
          document={document}
          visits={visits}
          selected={chosen}
          onSelect={(visit) => {
            setChosen(visit);
            store.getState().select([visit.node]);
          }}
          describe={(visit) =>
            describeStep(
              trial,
              visit.attempts.map(({ step }) => step),
            )
          }
        />
      </section>
      {chosen ? <Step tried={tried} visit={chosen} /> : <p className="p-4 text-muted">Nothing came of it.</p>}
    </div>
  );
}

function Step({ tried: { trial, document }, visit }: { tried: Tried; visit: Visit }) {
  const { work } = visit.attempts.at(-1)!;
  const payload = (index: number | null): Payload | null =>
    index === null ? null : (trial.detail.payloads[index] ?? null);
  const effects = effectsOf(
    trial,
    visit.attempts.map(({ step }) => step),
  );
  const said = effects.map((effect) => capitalize(wordsOfEffect(effect)));
  const isHeld = effects.some(({ is }) => is === "would-hold");
  return (
    <section
      aria-label={`Step ${titleOf(document, visit.node)}`}
      className="thin-scroll min-h-0 overflow-auto"
      data-testid="trial-step"
    >
      <h3 className="px-4 pt-2 font-semibold">{titleOf(document, visit.node)}</h3>
      {said.map((words) => (
        <p key={words} className="px-4 text-12 text-muted">
          {words}
        </p>
      ))}
      {work.cause && !isHeld ? (
        <Callout tone="bad" title={work.cause.message} code={work.cause.code} className="mx-4 mt-2">
          {work.cause.detail ? (
            <pre className="whitespace-pre-wrap break-words font-mono text-12">{work.cause.detail}</pre>
          ) : null}
        </Callout>
      ) : null}
      <InOut
        key={visit.step}
        input={payload(work.in)}
        out={work.out.map(({ port, payload: index }) => ({ port, payload: payload(index) }))}
        nothing={
          said[0] !== undefined
            ? `${said[0]}.`
            : work.state === "dropped"
              ? "Nothing left this node: the message was dropped here."
              : "Nothing left this node."
        }
      />
    </section>
  );
}

const capitalize = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
