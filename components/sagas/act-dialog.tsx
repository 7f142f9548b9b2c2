"use client";

import { useState } from "react";
import type { SagaAction, SagaView } from "@/server/saga-views";
import { printPayload } from "../payload/json-diff";
import { titleOf } from "../runs/run-titles";
import { Button } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";
import { Textarea } from "../ui/input";
import { notifyDone } from "../ui/toast";
import { attemptsOf } from "./attempts";
import { CancelPlan } from "./cancel-plan";
import { checkResult } from "./saga-acts";
import { Question } from "./step-actions";
import { useSagaActs } from "./use-saga-acts";

type Asked = Exclude<SagaAction, "retry">;

const done: Record<Asked, string> = {
  skip: "Skipped",
  complete: "Result given",
  approve: "Approved",
  reject: "Rejected",
  cancel: "The saga is being taken back",
};

/** Asks for what an action needs (a reason, a result, words), says what will happen, and does it. */
export function ActDialog({
  saga,
  action,
  node,
  onClose,
}: {
  saga: SagaView;
  action: Asked;
  /** Absent when it is done to the whole saga. */
  node: string | undefined;
  onClose(): void;
}) {
  const { actOnOne } = useSagaActs();
  const [reason, setReason] = useState("");
  const [result, setResult] = useState(() => (action === "complete" && node ? suggestResult(saga, node) : ""));
  const visit = saga.state.visits.find((each) => each.node === node);
  const title = node ? titleOf(saga.document, node) : "";
  const wrong = action === "complete" ? checkResult(result) : null;
  const needsReason = action === "skip" || action === "cancel";
  const look = lookOf(action, title);

  async function confirm() {
    const words = reason.trim();
    await actOnOne({
      id: saga.id,
      action,
      ...(node ? { node } : {}),
      ...(words ? { reason: words } : {}),
      ...(action === "complete" ? { result } : {}),
    });
    notifyDone(done[action]);
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={look.title}
      action={look.verb}
      dismiss="Back"
      danger={action === "cancel" || action === "reject"}
      width={action === "complete" || action === "cancel" ? "md" : "sm"}
      disabled={(needsReason && reason.trim() === "") || wrong !== null}
      onConfirm={confirm}
    >
      {action === "cancel" ? <CancelPlan saga={saga} /> : null}
      {visit?.question ? <Question text={visit.question} /> : null}
      <p className={action === "cancel" ? "text-muted" : undefined}>{explain(saga, action, node)}</p>
      {action === "complete" ? (
        <Field
          label="Result, as JSON"
          hint="What the step’s answer is to the saga. Empty: null."
          error={wrong}
          aside={
            <Button
              size="sm"
              variant="ghost"
              disabled={wrong !== null || result.trim() === ""}
              onClick={() => setResult(printPayload(result))}
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
              value={result}
              onChange={(event) => setResult(event.target.value)}
            />
          )}
        </Field>
      ) : (
        <Field label={needsReason ? "Reason" : "Words, if you like"} required={needsReason}>
          {(field) => (
            <Textarea {...field} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
          )}
        </Field>
      )}
    </ConfirmDialog>
  );
}

function lookOf(action: Asked, title: string): { title: string; verb: string } {
  switch (action) {
    case "skip":
      return { title: `Skip ${title}`, verb: "Skip" };
    case "complete":
      return { title: `Give ${title} a result`, verb: "Give result" };
    case "approve":
      return { title: `Approve ${title}`, verb: "Approve" };
    case "reject":
      return { title: `Reject ${title}`, verb: "Reject" };
    case "cancel":
      return { title: "Cancel this saga", verb: "Cancel saga" };
  }
}

function explain(saga: SagaView, action: Asked, node: string | undefined): string {
  const visit = saga.state.visits.find((each) => each.node === node);
  const wired = (port: string) => saga.document.edges.some(({ from }) => from === `${node}.${port}`);
  switch (action) {
    case "skip":
      if (visit?.undo)
        return "Its compensation is tried no more, and the saga goes on as if the step were undone. Undo by hand what it did.";
      return visit?.state === "waiting"
        ? "The saga goes on at once, without what it waits for."
        : "The saga goes on without it. Do by hand what it should have done.";
    case "complete":
      return visit?.attempt === 0
        ? "The saga goes on from here with this as its whole data."
        : "The step counts as done, and the saga goes on with this result. An answer that comes later is noted and changes nothing.";
    case "approve":
      return "The saga goes on. Your name and words are kept with it.";
    case "reject":
      return wired("rejected")
        ? "The saga goes on by rejected. Your name and words are kept with it."
        : "No way is drawn for a no: the saga is taken back. Your name and words are kept with it.";
    case "cancel":
      return "Nothing new begins from now on. It cannot be resumed.";
  }
}

/** What was answered last, if it can be read: most often it needs a touch and not to be typed. */
function suggestResult(saga: SagaView, node: string): string {
  const visit = saga.state.visits.find((each) => each.node === node);
  const answer = visit ? attemptsOf(visit, "action").at(-1)?.answer : undefined;
  const json = answer?.slice(Math.max(0, answer.indexOf("{")));
  return json && checkResult(json) === null ? json : "{}";
}
