"use client";

import { useQuery } from "@tanstack/react-query";
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
  const { act, foresee, busy } = useSagaActs();
  // Of the moment of asking: the list behind the dialog goes on.
  const [{ chosen, fitting }] = useState(() => ({ chosen: sagas, fitting: chooseFitting(sagas, action) }));
  const [words, setWords] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [report, setReport] = useState<ActReport | null>(null);
  const look = looks[action];
  const ids = fitting.map(({ id }) => id);
  const foreseeing = useQuery({
    queryKey: ["sagas foreseen", action, ids],
    queryFn: () => foresee({ ids, action }),
    enabled: ids.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const foreseen = foreseeing.data ?? [];
  const going = foreseeing.data ? foreseen.filter(({ ok }) => ok).map(({ id }) => id) : ids;
  const left = reportActed(action, foreseen).refused;
  const count = going.length;
  const unfit = chosen.length - fitting.length;
  const ready = !foreseeing.isLoading && count > 0 && (look.words !== "needed" || words.trim() !== "");

  async function confirm() {
    setError(null);
    try {
      const reason = words.trim();
      const acted = await act({ ids: going, action, ...(reason ? { reason } : {}) });
      setReport(reportActed(action, acted));
    } catch (cause) {
      setError(messageOfError(cause));
    }
  }

  if (report) {
    // What was foreseen to be refused was not asked for, but is left alone all the same.
    const told = { ...report, refused: [...report.refused, ...left] };
    return <Report report={told} unfit={unfit} sagas={chosen} onClose={() => onClose(true)} />;
  }
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
        <Unfit count={unfit} chosen={chosen.length} />
        {foreseeing.isLoading ? (
          <p role="status" className="text-muted">
            Looking at each of them…
          </p>
        ) : null}
        {foreseeing.error ? (
          <p className="text-muted">
            Which of them are left alone is told afterwards: {messageOfError(foreseeing.error)}
          </p>
        ) : null}
        <Refused refused={left} sagas={chosen} words={(each) => `${each} will be left alone`} />
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

function Unfit({ count, chosen }: { count: number; chosen: number }) {
  if (count === 0) return null;
  return (
    <p className="text-muted">
      {formatCount(count)} of the {formatCount(chosen)} chosen{" "}
      {count === 1 ? "has nothing to which this fits and is" : "have nothing to which this fits and are"} left alone.
    </p>
  );
}

function Report({
  report,
  unfit,
  sagas,
  onClose,
}: {
  report: ActReport;
  /** Had nothing to which the action fits. */
  unfit: number;
  sagas: readonly SagaSummary[];
  onClose(): void;
}) {
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
      {report.refused.length === 0 && unfit === 0 ? (
        <p className="text-muted">All of them. The list shows how they go on.</p>
      ) : null}
      <Unfit count={unfit} chosen={sagas.length} />
      <Refused refused={report.refused} sagas={sagas} words={(each) => `${each} left alone`} />
    </Dialog>
  );
}

/** Which are left alone, and why: the most frequent reason first. */
function Refused({
  refused,
  sagas,
  words,
}: {
  refused: ActReport["refused"];
  sagas: readonly SagaSummary[];
  /** Of `3 sagas`. */
  words(count: string): string;
}) {
  if (refused.length === 0) return null;
  const keys = new Map(sagas.map(({ id, key }) => [id, key]));
  return (
    <ul className="flex flex-col gap-3">
      {refused.map(({ code, message, ids }) => (
        <li key={message}>
          <Callout tone="warn" title={words(formatPlural(ids.length, "saga"))} code={code}>
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
  );
}
