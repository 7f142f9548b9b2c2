"use client";

import { useState } from "react";
import type { RunView } from "@/server/views";
import { RedriveDialog } from "../dead-letters/redrive-dialog";
import { PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { Button, ButtonLink } from "../ui/button";
import { wordsOfDeadLetter, wordsOfRun } from "../ui/state-words";
import { Pill } from "../ui/tag";
import { RunMenu } from "./run-menu";
import { titleOf } from "./run-titles";
import type { Visit } from "./visits";

export function RunHeader({
  run,
  visits,
  step,
}: {
  run: RunView;
  visits: readonly Visit[];
  /** That is looked at. */
  step: number | null;
}) {
  const mayRedrive = useHasRole("operator");
  const [dialog, setDialog] = useState<"send" | "edit" | null>(null);
  const isDeleted = run.drawing === "flow-deleted";
  const letters = run.deadLetters;
  const waiting = letters.filter(({ state }) => state === "waiting").map(({ id }) => id);
  const waits = visits.find(({ state }) => state === "parked");
  const later = run.tries.find(({ startedAt }) => startedAt > run.startedAt);
  return (
    <PageHeader
      crumbs={[{ label: "Flows", href: "/flows" }]}
      title={
        isDeleted ? (
          <>
            {run.flow} <span className="font-normal text-muted">deleted</span>
          </>
        ) : (
          <a href={`/flows/${run.flow}`} className="hover:underline">
            {run.document.title ?? run.flow}
          </a>
        )
      }
      after={[
        { label: "Runs", href: isDeleted ? "/runs" : `/flows/${run.flow}/runs` },
        { label: <span className="font-mono text-12 text-text">{run.key ?? run.id.slice(0, 8)}</span> },
      ]}
      badge={
        <Pill dot tone={wordsOfRun(run.state, run.settled).tone}>
          {describeEnd(run, visits)}
        </Pill>
      }
    >
      {waits ? (
        later ? (
          <ButtonLink href={`/runs/${later.id}`}>Later try</ButtonLink>
        ) : (
          <ButtonLink href={`/dead-letters/parked?flow=${encodeURIComponent(run.flow)}&node=${waits.node}`}>
            Waiting messages
          </ButtonLink>
        )
      ) : null}
      {letters.length > 0 ? (
        <>
          <ButtonLink href={`/dead-letters?id=${letters[0]!.id}`}>{nameLetters(letters)}</ButtonLink>
          {mayRedrive && waiting.length === 1 ? (
            <Button onClick={() => setDialog("edit")}>Edit and send…</Button>
          ) : null}
          {mayRedrive && waiting.length > 0 ? (
            <Button variant="primary" onClick={() => setDialog("send")}>
              Send again
            </Button>
          ) : null}
        </>
      ) : null}
      <RunMenu run={run} step={step} />
      {dialog ? (
        <RedriveDialog ids={waiting} flows={[run.flow]} editing={dialog === "edit"} onClose={() => setDialog(null)} />
      ) : null}
    </PageHeader>
  );
}

/** `Dead letter`, as long as it waits; else what became of it: only what waits can be sent again. */
function nameLetters(letters: RunView["deadLetters"]): string {
  if (letters.length > 1) return `${letters.length} dead letters`;
  const { state } = letters[0]!;
  return state === "waiting" ? "Dead letter" : `Dead letter, ${wordsOfDeadLetter(state).words.toLowerCase()}`;
}

/** `Failed at Tax service, attempt 5 of 5`; the state's words when nothing failed. */
function describeEnd(run: RunView, visits: readonly Visit[]): string {
  const failed = visits.find(({ state }) => state === "dead") ?? visits.find(({ state }) => state === "failed");
  const waits = visits.find((visit) => visit.state === "parked");
  if (!failed && waits) return `${wordsOfRun("parked").words} at ${titleOf(run.document, waits.node)}`;
  if (!failed) return wordsOfRun(run.state).words;
  const count = failed.attempts.at(-1)?.work.attempt ?? failed.attempts.length;
  return `Failed at ${titleOf(run.document, failed.node)}${count > 1 ? `, attempt ${count} of ${count}` : ""}`;
}
