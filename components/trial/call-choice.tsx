"use client";

import type { FlowNode } from "@/flow/document";
import type { TrialCalls } from "@/flow/trial";
import { titleOfNode } from "../drawing/kinds";
import { JsonField } from "../form/json-field";
import { Button } from "../ui/button";
import { formatPlural } from "../ui/formats";
import { Segments } from "../ui/tabs";
import { readAnswers, type TypedAnswers, typeAnswers } from "./call-answers";

/** How the nodes that call out are answered: in earnest, or by what stands here. */
export function CallChoice({
  callers,
  calls,
  onCalls,
  answers,
  onAnswers,
  recorded,
}: {
  callers: readonly FlowNode[];
  calls: TrialCalls;
  onCalls(calls: TrialCalls): void;
  answers: TypedAnswers;
  onAnswers(answers: TypedAnswers): void;
  /** As texts, what the calls were answered last. */
  recorded: TypedAnswers | null;
}) {
  return (
    <section aria-label="Calls" className="flex flex-col gap-2 border-t pt-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h4 className="font-medium">{formatPlural(callers.length, "call")}</h4>
        <Segments<TrialCalls>
          label="How calls are answered"
          options={[
            { value: "given", label: "Given answers" },
            { value: "make", label: "Made in earnest" },
          ]}
          value={calls}
          onValueChange={onCalls}
        />
      </div>
      {calls === "make" ? (
        <p className="rounded-md bg-warn-soft px-2.5 py-1.5 text-12 text-warn">
          {callers.map(titleOfNode).join(", ")} {callers.length === 1 ? "calls" : "call"} the real service. What that
          does there is done.
        </p>
      ) : (
        <>
          {recorded ? (
            <Button size="sm" className="self-start" onClick={() => onAnswers({ ...answers, ...recorded })}>
              Take the answers recorded last
            </Button>
          ) : null}
          {callers.map((node) => {
            const text = answers[node.id] ?? typeAnswers(undefined);
            const read = readAnswers(text);
            return (
              <JsonField
                key={node.id}
                label={`Answers of ${titleOfNode(node)}`}
                value={text}
                className="max-h-40"
                error={"words" in read ? read.words : undefined}
                hint='The first call takes the first, the last serves all that follow. {"fails": "…"} answers with a failure.'
                onChange={(next) => {
                  if (next !== text) onAnswers({ ...answers, [node.id]: next });
                }}
              />
            );
          })}
        </>
      )}
    </section>
  );
}
