"use client";

import clsx from "clsx";
import Link from "next/link";
import { Fragment, type ReactNode } from "react";
import type { SagaAttempt, SagaSide } from "@/flow/saga/state";
import type { SagaView, SagaVisitView } from "@/server/saga-views";
import { CodeBlock, CopyButton } from "../payload/code-block";
import { PayloadView } from "../payload/payload-view";
import { titleOf } from "../runs/run-titles";
import { Callout } from "../ui/callout";
import { formatDuration, formatExact, formatPlural, formatTime } from "../ui/formats";
import { wordsOfSagaVisit, wordsOfUndo } from "../ui/state-words";
import { Segments } from "../ui/tabs";
import { attemptsOf, toneOfAttempt } from "./attempts";
import { SagaData } from "./saga-data";
import { SagaMark } from "./saga-mark";
import type { SagaPlace } from "./saga-place";
import { describeNote } from "./saga-story";

/** A step: its action or its compensation, one attempt at a time; then what else is known of it. */
export function StepDetail({
  saga,
  visit,
  place,
  onSelect,
}: {
  saga: SagaView;
  visit: SagaVisitView | undefined;
  place: SagaPlace;
  onSelect(place: SagaPlace): void;
}) {
  const notes = saga.state.notes.flatMap((note, index) =>
    (note.node ?? saga.start) === place.node ? [{ note, index }] : [],
  );
  return (
    <>
      {visit && (attemptsOf(visit, "action").length > 0 || visit.undo) ? (
        <Sides visit={visit} place={place} onSelect={onSelect} />
      ) : null}
      {visit?.cause && attemptsOf(visit, "action").length === 0 ? (
        <div className="px-4 pt-3">
          <Callout tone="bad" title={visit.cause.message} code={visit.cause.code}>
            {visit.cause.detail}
          </Callout>
        </div>
      ) : null}
      {visit?.output ? (
        <section className="border-b px-4 py-3">
          <Heading aside={<CopyButton text={visit.output.text} label="Copy output" />}>Put into the data</Heading>
          <PayloadView payload={{ value: visit.output.text, encoding: "text", truncated: visit.output.cut }} />
        </section>
      ) : null}
      {place.node === saga.start || place.node === saga.state.leaves ? (
        <section className="border-b px-4 py-3">
          <SagaData saga={saga} />
        </section>
      ) : null}
      {notes.length > 0 ? (
        <section className="border-b px-4 py-3">
          <Heading>Notes</Heading>
          <ul className="flex flex-col gap-1.5">
            {notes.map(({ note, index }) => (
              <li
                key={index}
                aria-current={index === place.note ? "true" : undefined}
                className={clsx("rounded-sm", index === place.note && "-mx-2 bg-accent-soft px-2 py-1")}
              >
                {describeNote(note, (node) => titleOf(saga.document, node))}
                {note.by ? <span className="text-muted"> by {note.by}</span> : null}{" "}
                <span className="text-12 text-faint" title={formatExact(new Date(note.at))} suppressHydrationWarning>
                  {formatTime(new Date(note.at))}
                </span>
                {note.words ? <p className="break-words text-12 text-muted">{note.words}</p> : null}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Facts saga={saga} visit={visit} place={place} />
    </>
  );
}

function Sides({
  visit,
  place,
  onSelect,
}: {
  visit: SagaVisitView;
  place: SagaPlace;
  onSelect(place: SagaPlace): void;
}) {
  const side = place.side ?? "action";
  const attempts = attemptsOf(visit, side);
  const attempt = attempts[(place.attempt ?? attempts.length) - 1] ?? attempts.at(-1);
  const state = side === "action" ? wordsOfSagaVisit(visit.state) : visit.undo ? wordsOfUndo(visit.undo.state) : null;
  return (
    <section className="border-b px-4 py-3">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        {visit.undo ? (
          <Segments<SagaSide>
            label="Which side of the step"
            options={[
              { value: "action", label: "Action" },
              { value: "compensation", label: "Compensation" },
            ]}
            value={side}
            onValueChange={(next) => onSelect({ node: visit.node, side: next })}
          />
        ) : (
          <h3 className="text-12 font-medium text-muted">Action</h3>
        )}
        <Attempts visit={visit} side={side} attempts={attempts} current={attempt} onSelect={onSelect} />
      </div>
      {attempt ? (
        <Attempt attempt={attempt} visit={visit} last={attempt === attempts.at(-1)} />
      ) : (
        <p className="text-12 text-muted">{state?.words ?? "Nothing was tried."}</p>
      )}
    </section>
  );
}

function Attempts({
  visit,
  side,
  attempts,
  current,
  onSelect,
}: {
  visit: SagaVisitView;
  side: SagaSide;
  attempts: readonly SagaAttempt[];
  current: SagaAttempt | undefined;
  onSelect(place: SagaPlace): void;
}) {
  if (attempts.length < 2) return null;
  return (
    <nav aria-label="Attempts" className="flex max-w-full flex-wrap rounded-full border px-1 text-12 text-muted">
      {attempts.map((attempt, index) => (
        <button
          key={attempt.at}
          type="button"
          aria-label={`Attempt ${attempt.number}`}
          aria-current={attempt === current ? "true" : undefined}
          onClick={() => onSelect({ node: visit.node, side, attempt: index + 1 })}
          className={clsx(
            "rounded-full px-1.5 leading-5 hover:text-text",
            attempt === current && "font-semibold text-text",
          )}
        >
          {attempt.number}
        </button>
      ))}
    </nav>
  );
}

function Attempt({ attempt, visit, last }: { attempt: SagaAttempt; visit: SagaVisitView; last: boolean }) {
  const { cause, request, answer, at, endedAt, side, resent, held } = attempt;
  const tone = toneOfAttempt(attempt, last, visit);
  const now = side === "action" ? visit : visit.undo;
  const again = last && now?.state === "retrying" && now.dueAt !== undefined;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-12 text-muted" suppressHydrationWarning>
        {formatTime(new Date(at), true)}
        {endedAt === undefined
          ? now?.sentAt
            ? ", waits for its answer"
            : ", under way"
          : `, took ${formatDuration(endedAt - at)}`}
        {resent ? `, sent again ${formatPlural(resent, "time")} after its worker was gone` : ""}
        {held ? `, tried again ${formatPlural(held, "time")} without spending an attempt` : ""}
        {again ? `, again at ${formatTime(new Date(now.dueAt!))}` : ""}
      </p>
      {last && now?.held ? (
        <p className="text-12 text-muted" suppressHydrationWarning>
          {now.held.over
            ? `What it needs is away since ${formatTime(new Date(now.held.since))}: its attempts count by now.`
            : `It holds since ${formatTime(new Date(now.held.since))}, as what it needs is away. From ${formatTime(new Date(now.held.until))} on that spends attempts.`}
        </p>
      ) : null}
      {cause ? (
        <Callout tone={tone} title={cause.message} code={cause.code}>
          {cause.detail && cause.detail !== answer ? (
            <details>
              <summary className="text-12 text-muted">More about it</summary>
              <pre className="mt-1 whitespace-pre-wrap break-words font-mono text-12">{cause.detail}</pre>
            </details>
          ) : null}
        </Callout>
      ) : null}
      {request ? <Exchanged title="Asked" text={request} /> : null}
      {answer ? <Exchanged title="Answered" text={answer} /> : null}
      {!request && !answer && !cause && endedAt !== undefined ? (
        <p className="text-12 text-muted">Done; of what was asked and answered nothing was kept.</p>
      ) : null}
    </div>
  );
}

function Exchanged({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <h4 className="mb-1 text-12 font-medium text-muted">{title}</h4>
      <CodeBlock text={text} wrap className="max-h-72 overflow-auto" />
    </div>
  );
}

const effects: Record<SagaVisitView["effect"], string> = {
  none: "none: it surely did nothing",
  maybe: "maybe: an answer was lost",
  done: "it took effect",
};

/** When, how long, what it waits for, by which port it was left. */
function Facts({ saga, visit, place }: { saga: SagaView; visit: SagaVisitView | undefined; place: SagaPlace }) {
  const children = saga.children.filter(({ node }) => node === place.node);
  const facts: [label: string, value: ReactNode][] = [];
  if (visit) {
    facts.push(["Came at", formatTime(new Date(visit.at), true)]);
    if (visit.endedAt !== undefined) facts.push(["Took", formatDuration(visit.endedAt - visit.at)]);
    if (visit.attempts.length > 0)
      facts.push(["Effect", visit.state === "working" ? "not known yet" : effects[visit.effect]]);
    if (visit.asks) facts.push(["Decides", `${visit.asks}, or above`]);
    if (visit.awaits) facts.push(["Waits for", visit.awaits]);
    if (visit.dueAt !== undefined && visit.state === "waiting")
      facts.push(["Until", formatExact(new Date(visit.dueAt))]);
    if (visit.port) facts.push(["Left by", visit.port]);
    if (visit.from) facts.push(["Came from", visit.from]);
  }
  for (const child of children) {
    facts.push([
      "Saga",
      <Link key={child.id} href={`/sagas/${child.id}`} className="inline-flex items-center gap-1.5 hover:underline">
        <SagaMark status={child.status} words={false} />
        {child.key}
      </Link>,
    ]);
  }
  facts.push(["Node", place.node], ["Saga id", saga.id], ["Version", `v${saga.version}`]);
  if (saga.forgottenAt) facts.push(["Kept until", formatExact(saga.forgottenAt)]);
  return (
    <dl className="grid grid-cols-[104px_1fr] gap-y-1 px-4 py-3">
      {facts.map(([label, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fact's place is its identity
        <Fragment key={index}>
          <dt className="text-muted">{label}</dt>
          <dd className="flex min-w-0 items-center gap-1 font-mono text-12 leading-5" suppressHydrationWarning>
            <span className="min-w-0 break-all">{value}</span>
            {label === "Saga id" ? <CopyButton text={saga.id} label="Copy id" /> : null}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Heading({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <h3 className="mb-1 flex min-h-6 items-center justify-between text-12 font-medium text-muted">
      {children}
      {aside}
    </h3>
  );
}
