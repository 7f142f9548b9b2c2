"use client";

import { useState } from "react";
import type { SagaView } from "@/server/saga-views";
import { printPayload } from "../payload/json-diff";
import { titleOf } from "../runs/run-titles";
import { Button } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";
import { Textarea } from "../ui/input";
import { notifyDone } from "../ui/toast";
import { type AskedAction, wordsOfAct } from "./act-words";
import { attemptsOf } from "./attempts";
import { CancelPlan } from "./cancel-plan";
import { checkResult } from "./saga-acts";
import { Question } from "./step-actions";
import { useSagaActs } from "./use-saga-acts";

/** Asks for what an action needs (a reason, a result, words), says what will happen, and does it. */
export function ActDialog({
  saga,
  action,
  node,
  onClose,
}: {
  saga: SagaView;
  action: AskedAction;
  /** Absent when it is done to the whole saga. */
  node: string | undefined;
  onClose(): void;
}) {
  const { actOnOne } = useSagaActs();
  // As one was asked: the page behind goes on, and the dialog does not turn into another under the pointer.
  const [asked] = useState(saga);
  const visit = asked.state.visits.find((each) => each.node === node);
  const rejectedLeads = asked.document.edges.some(({ from }) => from === `${node}.rejected`);
  const words = wordsOfAct(action, node ? titleOf(asked.document, node) : "", visit, rejectedLeads);
  const [reason, setReason] = useState("");
  const [result, setResult] = useState(() => (words.needs === "result" ? suggestResult(asked, node) : ""));
  const wrong = words.needs === "result" ? checkResult(result) : null;

  async function confirm() {
    const said = reason.trim();
    await actOnOne({
      id: asked.id,
      action,
      ...(node ? { node } : {}),
      ...(said ? { reason: said } : {}),
      ...(words.needs === "result" ? { result } : {}),
    });
    notifyDone(words.done);
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.title}
      action={words.verb}
      dismiss="Back"
      danger={action === "cancel" || action === "reject"}
      width={words.needs === "result" || action === "cancel" ? "md" : "sm"}
      disabled={(words.needs === "reason" && reason.trim() === "") || wrong !== null}
      onConfirm={confirm}
    >
      {action === "cancel" ? <CancelPlan saga={asked} /> : null}
      {visit?.question ? <Question text={visit.question} /> : null}
      <p className={action === "cancel" ? "text-muted" : undefined}>{words.explains}</p>
      {words.needs === "result" ? <ResultField value={result} onChange={setResult} wrong={wrong} /> : null}
      {words.needs === "reason" || words.needs === "words" ? (
        <Field label={words.needs === "reason" ? "Reason" : "Words, if you like"} required={words.needs === "reason"}>
          {(field) => (
            <Textarea {...field} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
          )}
        </Field>
      ) : null}
    </ConfirmDialog>
  );
}

function ResultField({
  value,
  onChange,
  wrong,
}: {
  value: string;
  onChange(value: string): void;
  wrong: string | null;
}) {
  return (
    <Field
      label="Result, as JSON"
      hint="Empty: null."
      error={wrong}
      aside={
        <Button
          size="sm"
          variant="ghost"
          disabled={wrong !== null || value.trim() === ""}
          onClick={() => onChange(printPayload(value))}
        >
          Format
        </Button>
      }
    >
      {(field) => (
        <Textarea
          {...field}
          mono
          rows={8}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** What was answered last, if it can be read: most often it needs a touch and not to be typed. */
function suggestResult(saga: SagaView, node: string | undefined): string {
  const visit = saga.state.visits.find((each) => each.node === node);
  const answer = visit ? attemptsOf(visit, "action").at(-1)?.answer : undefined;
  const json = answer?.slice(Math.max(0, answer.indexOf("{")));
  return json && checkResult(json) === null ? printPayload(json) : "{}";
}
