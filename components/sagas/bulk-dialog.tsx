"use client";

import { useState } from "react";
import type { SagaSummary } from "@/server/saga-views";
import { InlineCode } from "../drawing/inline-code";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { messageOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { formatCount, formatPlural } from "../ui/formats";
import { Textarea } from "../ui/input";
import { type ActReport, type BulkAction, chooseFitting, reportActed } from "./saga-acts";
import { useSagaActs } from "./use-saga-acts";

const looks: Record<BulkAction, { verb: string; will: string; words: "needed" | "offered" | null }> = {
  retry: {
    verb: "Retry",
    will: "Every step and every compensation that is stuck, or waits for its next attempt, is tried at once. Its attempts count anew.",
    words: null,
  },
  approve: {
    verb: "Approve",
    will: "The approval for which each of them waits is given in your name. One that waits for several is left alone, and so is one that takes the word of a greater role.",
    words: "offered",
  },
  reject: {
    verb: "Reject",
    will: "The approval for which each of them waits is refused in your name. Where the drawing says no way on, the saga is undone.",
    words: "offered",
  },
  cancel: {
    verb: "Cancel",
    will: "Nothing new begins. What is under way is awaited; then every step that took effect is undone, the last one first. One that is past its pivot is left alone.",
    words: "needed",
  },
};

/** Acts on many sagas at once: says before what will happen, and after what did. */
export function BulkDialog({
  action,
  sagas,
  onClose,
}: {
  action: BulkAction;
  sagas: readonly SagaSummary[];
  /** `done`: it was carried out. */
  onClose(done: boolean): void;
}) {
  const { act, busy } = useSagaActs();
  // Of the moment of asking: the list behind the dialog goes on.
  const [{ chosen, fitting }] = useState(() => ({ chosen: sagas, fitting: chooseFitting(sagas, action) }));
  const [words, setWords] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [report, setReport] = useState<ActReport | null>(null);
  const look = looks[action];
  const count = fitting.length;
  const unfit = chosen.length - count;
  const ready = count > 0 && (look.words !== "needed" || words.trim() !== "");

  async function confirm() {
    setError(null);
    try {
      const reason = words.trim();
      const acted = await act({ ids: fitting.map(({ id }) => id), action, ...(reason ? { reason } : {}) });
      setReport(reportActed(action, acted));
    } catch (cause) {
      setError(messageOfError(cause));
    }
  }

  if (report) return <Report report={report} sagas={chosen} onClose={() => onClose(true)} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose(false)}
      width="sm"
      title={`${look.verb} ${formatPlural(count, "saga")}`}
      footer={
        <>
          <Button onClick={() => onClose(false)}>Back</Button>
          <Button
            variant={action === "cancel" ? "danger" : "primary"}
            busy={busy}
            disabled={!ready}
            onClick={() => void confirm()}
          >
            {look.verb} {formatCount(count)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>{look.will}</p>
        {unfit > 0 ? (
          <p className="text-muted">
            {formatCount(unfit)} of the {formatCount(chosen.length)} chosen{" "}
            {unfit === 1 ? "has nothing to which this fits and is" : "have nothing to which this fits and are"} left
            alone.
          </p>
        ) : null}
        {look.words ? (
          <Field label={look.words === "needed" ? "Reason" : "Words, if you like"} required={look.words === "needed"}>
            {(field) => (
              <Textarea {...field} rows={2} value={words} onChange={(event) => setWords(event.target.value)} />
            )}
          </Field>
        ) : null}
        {error ? (
          <Callout tone="bad" title="Nothing was done">
            {error}
          </Callout>
        ) : null}
      </div>
    </Dialog>
  );
}

/** Keys that are named of those that were refused. */
const namedKeys = 5;

function Report({ report, sagas, onClose }: { report: ActReport; sagas: readonly SagaSummary[]; onClose(): void }) {
  const keys = new Map(sagas.map(({ id, key }) => [id, key]));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="sm"
      title={report.done}
      footer={
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      }
    >
      {report.refused.length === 0 ? <p className="text-muted">All of them. The list shows how they go on.</p> : null}
      <ul className="flex flex-col gap-3">
        {report.refused.map(({ code, message, ids }) => (
          <li key={message}>
            <Callout tone="warn" title={`${formatPlural(ids.length, "saga")} left alone`} code={code}>
              <p>
                <InlineCode text={message} />
              </p>
              <p className="mt-1 break-words font-mono text-12 text-muted">
                {ids
                  .slice(0, namedKeys)
                  .map((id) => keys.get(id) ?? id)
                  .join(", ")}
                {ids.length > namedKeys ? ` and ${formatCount(ids.length - namedKeys)} more` : ""}
              </p>
            </Callout>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
