"use client";

import { useState } from "react";
import type { RunView } from "@/server/views";
import { RedriveDialog } from "../dead-letters/redrive-dialog";
import { PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { Button, ButtonLink } from "../ui/button";
import { wordsOfRun } from "../ui/state-words";
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
  const letters = run.deadLetterIds;
  const waits = visits.find(({ state }) => state === "parked");
  const later = run.tries.find(({ startedAt }) => startedAt > run.startedAt);
  return (
    <PageHeader
      crumbs={[{ label: "Flows", href: "/flows" }]}
      title={
        <a href={`/flows/${run.flow}`} className="hover:underline">
          {run.document.title ?? run.flow}
        </a>
      }
      after={[
        { label: "Runs", href: `/flows/${run.flow}/runs` },
        { label: <span className="font-mono text-12 text-text">{run.key ?? run.id.slice(0, 8)}</span> },
      ]}
      badge={
        <Pill dot tone={wordsOfRun(run.state).tone}>
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
          <ButtonLink href={`/dead-letters?id=${letters[0]}`}>
            {letters.length === 1 ? "Dead letter" : `${letters.length} dead letters`}
          </ButtonLink>
          {mayRedrive && letters.length === 1 ? (
            <Button onClick={() => setDialog("edit")}>Edit and send…</Button>
          ) : null}
          {mayRedrive ? (
            <Button variant="primary" onClick={() => setDialog("send")}>
              Send again
            </Button>
          ) : null}
        </>
      ) : null}
      <RunMenu run={run} step={step} />
      {dialog ? (
        <RedriveDialog ids={letters} flows={[run.flow]} editing={dialog === "edit"} onClose={() => setDialog(null)} />
      ) : null}
    </PageHeader>
  );
}

/** `Failed at Tax service, attempt 5 of 5`; the state's words when nothing failed. */
function describeEnd(run: RunView, visits: readonly Visit[]): string {
  const failed = visits.find((visit) => visit.state === "dead" || visit.state === "failed");
  const waits = visits.find((visit) => visit.state === "parked");
  if (!failed && waits) return `${wordsOfRun("parked").words} at ${titleOf(run.document, waits.node)}`;
  if (!failed) return wordsOfRun(run.state).words;
  const count = failed.attempts.at(-1)?.work.attempt ?? failed.attempts.length;
  return `Failed at ${titleOf(run.document, failed.node)}${count > 1 ? `, attempt ${count} of ${count}` : ""}`;
}
