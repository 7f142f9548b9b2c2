"use client";

import clsx from "clsx";
import { ArrowRight, Check, Lock, X } from "lucide-react";
import type { ReactNode } from "react";
import type { FlowDocument } from "@/flow/document";
import { nodeOf } from "../designer/edit";
import { InlineCode } from "../drawing/inline-code";
import { titleOfNode } from "../drawing/kinds";
import { Callout } from "../ui/callout";
import { Select } from "../ui/select";
import { JsonBox } from "./json-box";
import type { FailureOptions } from "./simulate-step";
import { joinTitles, wordsOfOutcome } from "./simulation-words";
import { RequestText, StoryRow } from "./story-row";
import type { BackwardStep, ForwardStep, SimulatedFailure } from "./view";

type Choices = FailureOptions["choices"];

/** What happens, in its order: the way there, what is undone, what stays. */
export function SimulationStory({
  document,
  failing,
  view,
  answers,
  choices,
  onAnswer,
  onChoose,
}: {
  document: FlowDocument;
  failing: string;
  view: SimulatedFailure;
  answers: Readonly<Record<string, unknown>>;
  choices: Choices;
  onAnswer(node: string, answer: unknown): void;
  onChoose(node: string, choice: Choices[string]): void;
}) {
  const titleOf = (id: string) => {
    const node = nodeOf(document, id);
    return node ? titleOfNode(node) : id;
  };
  const outcome = wordsOfOutcome(view, titleOf, failing);
  return (
    <>
      <section className="px-4 pb-3" aria-live="polite" data-testid="simulated-outcome">
        <Callout tone={outcome.tone} title={outcome.title}>
          <InlineCode text={outcome.words} />
        </Callout>
      </section>
      <Part title="The way there">
        <ol>
          {view.forward.map((step) => (
            <Forward
              key={step.node}
              step={step}
              title={titleOf(step.node)}
              kind={nodeOf(document, step.node)?.kind ?? ""}
              fails={step.node === failing}
              answer={answers[step.node]}
              choice={choices[step.node]}
              onAnswer={(answer) => onAnswer(step.node, answer)}
              onChoose={(choice) => onChoose(step.node, choice)}
            />
          ))}
        </ol>
      </Part>
      {view.hasFailed && view.outcome === "compensated" ? (
        <Part title="What is undone">
          {view.backward.length === 0 ? (
            <p className="px-4 text-muted">Nothing was done that has to be undone.</p>
          ) : (
            <ol data-testid="simulated-undos">
              {view.backward.map((step) => (
                <Backward key={step.node} step={step} title={titleOf(step.node)} all={view.backward} />
              ))}
            </ol>
          )}
          {view.harmless.length > 0 ? (
            <p className="px-4 pt-1 text-12 text-muted">
              {joinTitles(view.harmless.map(titleOf))} {view.harmless.length === 1 ? "needs" : "need"} no undoing.
            </p>
          ) : null}
        </Part>
      ) : null}
      {view.stays.length > 0 ? (
        <Part title="What stays done">
          <ul data-testid="simulated-stays">
            {view.stays.map((id) => (
              <li key={id} className="flex items-start gap-2.5 px-4 py-1">
                <Lock className="mt-[3px] size-3.5 shrink-0 text-warn" aria-hidden />
                <span>
                  {titleOf(id)}
                  <span className="text-muted">
                    {view.outcome === "compensated"
                      ? ": nothing undoes it"
                      : id === failing
                        ? ": it may have been done"
                        : ""}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </Part>
      ) : null}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t py-2.5" aria-label={title}>
      <h3 className="px-4 pb-1 font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Forward(props: {
  step: ForwardStep;
  title: string;
  kind: string;
  fails: boolean;
  answer: unknown;
  choice: Choices[string] | undefined;
  onAnswer(answer: unknown): void;
  onChoose(choice: Choices[string]): void;
}) {
  const { step, title, kind, fails } = props;
  const failed = fails || step.state === "failed" || step.state === "stuck";
  const mark = failed ? (
    <X className="size-3.5 text-bad" role="img" aria-label="Fails" />
  ) : step.request ? (
    <ArrowRight className="size-3.5 text-ok" role="img" aria-label="Done" />
  ) : (
    <Check className="size-3.5 text-faint" role="img" aria-label="Passed" />
  );
  const choice = choicesOf[kind];
  const answered = !failed && (step.request !== null || kind === "saga-wait");
  return (
    <StoryRow
      mark={mark}
      title={
        <>
          <span className={clsx(failed && "font-medium text-bad")}>{title}</span>
          {fails ? <span className="text-bad"> fails here</span> : null}
          {step.port && step.port !== "out" ? <span className="text-muted"> by {step.port}</span> : null}
        </>
      }
      line={step.request?.line ?? null}
      error={failed && !fails ? step.cause?.message : step.request?.error}
    >
      {step.request || answered || choice ? (
        <>
          {choice ? (
            <Select
              label={`What comes of ${title}`}
              value={props.choice ?? choice[0]!.value}
              onValueChange={props.onChoose}
              options={choice}
            />
          ) : null}
          {step.request ? <RequestText request={step.request} /> : null}
          {answered ? (
            <JsonBox
              label={kind === "saga-wait" ? "The event's body" : "Its answer, as assumed"}
              rows={4}
              value={props.answer ?? {}}
              onChange={props.onAnswer}
            />
          ) : null}
        </>
      ) : null}
    </StoryRow>
  );
}

const choicesOf: Readonly<Record<string, { value: Choices[string]; label: string }[]>> = {
  "saga-approval": [
    { value: "approved", label: "Approved" },
    { value: "rejected", label: "Rejected" },
    { value: "timeout", label: "Nobody answers in time" },
  ],
  "saga-wait": [
    { value: "arrives", label: "The event comes" },
    { value: "timeout", label: "It does not come in time" },
  ],
};

function Backward({ step, title, all }: { step: BackwardStep; title: string; all: readonly BackwardStep[] }) {
  const beside = all.filter(({ number, node }) => number === step.number && node !== step.node).length;
  return (
    <StoryRow
      mark={
        <span className="grid size-[18px] place-items-center rounded-full bg-undo text-[11px] leading-none font-semibold text-surface">
          {step.number}
        </span>
      }
      title={
        <>
          {title}
          {beside > 0 ? <span className="text-muted"> side by side</span> : null}
        </>
      }
      line={step.request.line}
      error={step.request.error}
      back
      open
    >
      <RequestText request={step.request} />
    </StoryRow>
  );
}
