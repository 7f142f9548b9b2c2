"use client";

import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { TestCase } from "@/flow/test-case";
import type { CapturedCases, TrialCalls } from "@/flow/trial";
import { useDesigner, useDesignerStore } from "../designer/context";
import { sourcesOf } from "../designer/try-it";
import { titleOfNode } from "../drawing/kinds";
import { callersOf } from "../trial/call-answers";
import { useTRPCClient } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { formatPlural } from "../ui/formats";
import { Input } from "../ui/input";
import { Segments } from "../ui/tabs";
import { CapturedList } from "./captured-list";
import { refuseCases } from "./edit-cases";
import { keepCases } from "./keep-cases";
import { SourceField } from "./source-field";

const usualCount = 3;

/** Makes cases of messages of a source: the last ones, or those that come next. They are looked at before they are kept. */
export function CaptureDialog({ onClose, onKept }: { onClose(): void; onKept(name: string): void }) {
  const store = useDesignerStore();
  const client = useTRPCClient();
  const document = useDesigner((state) => state.document);
  const sources = sourcesOf(document);
  const callers = callersOf(document);
  const [at, setAt] = useState(sources[0]?.id ?? "");
  const [which, setWhich] = useState<"last" | "next">("last");
  const [typed, setTyped] = useState(String(usualCount));
  const [calls, setCalls] = useState<TrialCalls>("given");
  const [cases, setCases] = useState<TestCase[] | null>(null);
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const [skipped, setSkipped] = useState<CapturedCases["skipped"]>([]);
  const [waiting, setWaiting] = useState(false);
  const stopped = useRef(false);
  const count = /^\d+$/.test(typed.trim()) ? Number(typed) : 0;
  const refusedCount = count >= 1 && count <= 100 ? null : "A number from 1 to 100.";

  const look = useMutation({
    mutationFn: async () => {
      stopped.current = false;
      setCases(null);
      setLeft(new Set());
      setSkipped([]);
      const ask = (from: { last: number } | { next: number; since?: string }) =>
        client.trials.capture.mutate({ document: store.getState().document, at, from, calls });
      if (which === "last") {
        const { cases: found, skipped: not } = await ask({ last: count });
        setCases([...found]);
        setSkipped(not);
        return;
      }
      setWaiting(true);
      const found: TestCase[] = [];
      let since: string | undefined;
      while (!stopped.current && found.length < count) {
        const more = await ask({ next: count - found.length, ...(since === undefined ? {} : { since }) });
        if (stopped.current) break;
        since = more.since;
        found.push(...more.cases);
        setCases([...found]);
        setSkipped((before) => [...before, ...more.skipped]);
      }
    },
    onSettled: () => setWaiting(false),
  });
  // What is asked for most stands there at once; calls are never made without a word.
  const begin = useRef(callers.length === 0 ? () => look.mutate() : () => {});
  useEffect(() => {
    begin.current();
    return () => {
      stopped.current = true;
    };
  }, []);

  const kept = cases?.filter((_, index) => !left.has(index)) ?? [];
  const tooMany = refuseCases(document, kept.length);
  function keep() {
    const first = keepCases(store, kept);
    onClose();
    if (first) onKept(first);
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Capture messages"
      description="What the draft makes of each message now is what its case expects from then on. Messages are read beside the flow: nothing is taken from it."
      width="lg"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={kept.length === 0 || tooMany !== null || waiting} onClick={keep}>
            {kept.length === 0 ? "Keep" : `Keep ${formatPlural(kept.length, "case")}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-end gap-3">
          {sources.length > 1 ? (
            <SourceField label="Source" sources={sources} value={at} onValueChange={setAt} className="w-52" />
          ) : null}
          <Segments<"last" | "next">
            label="Which messages"
            options={[
              { value: "last", label: "The last" },
              { value: "next", label: "The next" },
            ]}
            value={which}
            onValueChange={setWhich}
          />
          <Field label="How many" error={refusedCount} className="w-28">
            {(control) => (
              <Input
                {...control}
                inputMode="numeric"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
          {callers.length > 0 ? (
            <Segments<TrialCalls>
              label="How calls are answered"
              options={[
                { value: "given", label: "Call nobody" },
                { value: "make", label: "Call in earnest" },
              ]}
              value={calls}
              onValueChange={setCalls}
            />
          ) : null}
          {waiting ? (
            <Button
              onClick={() => {
                stopped.current = true;
                setWaiting(false);
              }}
            >
              Stop waiting
            </Button>
          ) : (
            <Button busy={look.isPending} disabled={refusedCount !== null} onClick={() => look.mutate()}>
              {which === "last" ? "Read them" : "Wait for them"}
            </Button>
          )}
        </div>
        {callers.length > 0 && calls === "make" ? (
          <Callout tone="warn" title="The real services are called">
            {callers.map(titleOfNode).join(", ")}: what a call does there is done. What is answered is kept in the case,
            so that its later runs call nobody.
          </Callout>
        ) : null}
        {look.error ? (
          <Callout tone="bad" title="Nothing was captured" code={wordsOfError(look.error).code}>
            {wordsOfError(look.error).message}
          </Callout>
        ) : null}
        {tooMany ? <p className="text-12 text-bad">{tooMany}</p> : null}
        <CapturedList
          cases={cases}
          waiting={waiting || look.isPending}
          left={left}
          onLeft={setLeft}
          onCases={setCases}
        />
        {skipped.length > 0 ? (
          <ul className="text-12 text-warn">
            {skipped.map(({ what, words }) => (
              <li key={what}>
                Left out, {what}: {words}
              </li>
            ))}
          </ul>
        ) : null}
      </div>
    </Dialog>
  );
}
