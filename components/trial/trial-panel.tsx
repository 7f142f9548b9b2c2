"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Play, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { PlainMessage } from "@/flow/control";
import type { FlowDocument, FlowNode } from "@/flow/document";
import type { GivenAnswer, TestMessage } from "@/flow/test-case";
import type { Trial, TrialCalls } from "@/flow/trial";
import { useDesigner, useDesignerStore } from "../designer/context";
import { nodeOf } from "../designer/edit";
import { placeOf } from "../designer/place-of";
import { endTrying, sourcesOf } from "../designer/try-it";
import { titleOfNode } from "../drawing/kinds";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { Select } from "../ui/select";
import { callersOf, readAnswers, type TypedAnswers, typeAnswers } from "./call-answers";
import { CallChoice } from "./call-choice";
import { KeepCase } from "./keep-case";
import { draftOf, emptyDraft, keepTried, readDraft, recallTried } from "./message-draft";
import { MessageForm } from "./message-form";
import { MessagePicker } from "./message-picker";
import { TrialResult } from "./trial-result";
import { wayOfTrial } from "./trial-way";

/** What a trial began with; a case is made of it. */
export interface Tried {
  at: string;
  message: TestMessage;
  trial: Trial;
  document: FlowDocument;
  /** What the flow took for now, in ISO 8601. */
  now: string;
  /** Which one of the panel, from 1. */
  turn: number;
}

/** *Try it*, under the drawing: one message through the draft, by the worker's own engine. Nothing is written. */
export function TrialPanel() {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const trying = useDesigner((state) => state.trying);
  const sources = sourcesOf(document);
  const node = trying === null ? undefined : nodeOf(document, trying);
  const gone = trying !== null && !sources.some(({ id }) => id === trying);
  useEffect(() => {
    if (gone) endTrying(store);
  }, [gone, store]);
  // What is laid over the drawing goes with the panel.
  useEffect(() => () => store.getState().set({ way: null }), [store]);
  if (!node || gone) return null;
  return <Trying key={node.id} node={node} sources={sources} />;
}

function Trying({ node, sources }: { node: FlowNode; sources: readonly FlowNode[] }) {
  const store = useDesignerStore();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const document = useDesigner((state) => state.document);
  const flow = document.name;
  const [draft, setDraft] = useState<PlainMessage | null>(() => recallTried(flow, node.id));
  const [last, setLast] = useState(draft);
  const [picked, setPicked] = useState<string | null>(null);
  const [answers, setAnswers] = useState<TypedAnswers>({});
  const [recorded, setRecorded] = useState<TypedAnswers | null>(null);
  const [calls, setCalls] = useState<TrialCalls>("given");
  const [tried, setTried] = useState<Tried | null>(null);
  const sample = useQuery({
    ...trpc.messages.sample.queryOptions({ flow, node: node.id }),
    enabled: draft === null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const place = useMemo(() => placeOf(node), [node]);
  const callers = useMemo(() => callersOf(document), [document]);
  const message = draft ?? (sample.data ? draftOf(sample.data) : emptyDraft);

  const latest = useRef(0);
  const trial = useMutation({
    mutationFn: async (own: PlainMessage) => {
      const turn = ++latest.current;
      const now = new Date().toISOString();
      const { document: drawn } = store.getState();
      const test = readDraft(own);
      const given = callers.length === 0 || calls === "make" ? undefined : readGiven(callers, answers);
      const done = await client.trials.try.mutate({
        document: drawn,
        at: node.id,
        message: test,
        calls: callers.length === 0 ? "given" : calls,
        now,
        ...(given ? { answers: given } : {}),
      });
      return { at: node.id, message: test, trial: done, document: drawn, now, turn } satisfies Tried;
    },
    onSuccess: (done, own) => {
      // Two quick picks: the first answer is of no use when it comes last.
      if (done.turn !== latest.current) return;
      setTried(done);
      keepTried(flow, node.id, own);
      setLast(own);
      const made = Object.entries(done.trial.answers).map(([id, each]) => [id, typeAnswers(each)]);
      if (calls === "make" && made.length > 0) setRecorded(Object.fromEntries(made));
      store.getState().set({ trial: done.trial, way: wayOfTrial(done.trial, done.document.edges) });
    },
    onError: () => store.getState().set({ way: null }),
  });
  const run = (own: PlainMessage = message) => trial.mutate(own);
  const again = useRef(run);
  again.current = () => run();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      if (event.target instanceof Element && event.target.closest("[role=dialog]")) return;
      event.preventDefault();
      event.stopPropagation();
      again.current();
    };
    // Wherever one types while the panel is open: change an expression, try again.
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, []);

  function pick(id: string, chosen: PlainMessage) {
    const next = draftOf(chosen);
    setPicked(id);
    setDraft(next);
    // To look at a message calls nobody.
    if (callers.length === 0 || calls === "given") run(next);
  }

  return (
    <section
      aria-label="Try it"
      data-testid="trial-panel"
      className="flex h-[clamp(220px,36vh,340px)] shrink-0 flex-col border-t bg-surface"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        endTrying(store);
      }}
    >
      <header className="flex h-10 shrink-0 items-center gap-3 border-b pl-4 pr-2">
        <h2 className="text-14 font-semibold">Try it</h2>
        {sources.length > 1 ? (
          <Select
            label="Source"
            className="!w-48"
            value={node.id}
            onValueChange={(id) => store.getState().set({ trying: id, way: null })}
            options={sources.map((source) => ({ value: source.id, label: titleOfNode(source) }))}
          />
        ) : null}
        <p className="min-w-0 flex-1 truncate text-12 text-muted">
          {tried && tried.document !== document
            ? "The drawing has changed since. Try again to see what it does now."
            : "One message through the draft. Nothing is written, nothing is held."}
        </p>
        {tried ? (
          <KeepCase
            key={JSON.stringify(tried.message)}
            tried={tried}
            waits={trial.isPending || !isTried(message, tried)}
          />
        ) : null}
        <Button variant="primary" icon={<Play />} busy={trial.isPending} title="Ctrl Enter" onClick={() => run()}>
          {tried ? "Try again" : "Try"}
        </Button>
        <IconButton label="End the trial" shortcut="Esc" onClick={() => endTrying(store)}>
          <X />
        </IconButton>
      </header>
      <div
        className={
          place
            ? "grid min-h-0 flex-1 grid-cols-[minmax(180px,2fr)_minmax(220px,3fr)_minmax(0,7fr)]"
            : "grid min-h-0 flex-1 grid-cols-[minmax(240px,4fr)_minmax(0,8fr)]"
        }
      >
        {place ? <MessagePicker place={place} last={last} picked={picked} onPick={pick} /> : null}
        <section
          aria-label="Message"
          className="thin-scroll flex min-h-0 flex-col gap-3 overflow-auto border-r px-4 py-2"
        >
          <MessageForm
            draft={message}
            readsJson={(node.config.codec ?? "json") === "json"}
            onChange={(next) => {
              setPicked(null);
              setDraft(next);
            }}
          />
          {callers.length > 0 ? (
            <CallChoice
              callers={callers}
              calls={calls}
              onCalls={setCalls}
              answers={answers}
              onAnswers={setAnswers}
              recorded={recorded}
            />
          ) : null}
        </section>
        <TrialResult tried={tried} error={trial.error} />
      </div>
    </section>
  );
}

/** Is what is typed what was tried? */
function isTried(draft: PlainMessage, { message }: Tried): boolean {
  try {
    return JSON.stringify(readDraft(draft)) === JSON.stringify(message);
  } catch {
    // Base64 that is none: the trial says so.
    return false;
  }
}

/** Answers as typed; what is not JSON yet is refused by the field it stands in. */
function readGiven(callers: readonly FlowNode[], answers: TypedAnswers): Record<string, GivenAnswer[]> {
  const given: Record<string, GivenAnswer[]> = {};
  for (const { id } of callers) {
    const read = readAnswers(answers[id] ?? typeAnswers(undefined));
    if ("answers" in read) given[id] = read.answers;
  }
  return given;
}
