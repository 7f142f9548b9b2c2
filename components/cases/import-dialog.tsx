"use client";

import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useDesigner, useDesignerStore } from "../designer/context";
import { sourcesOf } from "../designer/try-it";
import { InlineCode } from "../drawing/inline-code";
import { useTRPCClient } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { formatPlural } from "../ui/formats";
import { Input, Textarea } from "../ui/input";
import { refuseCases } from "./edit-cases";
import { keepCases } from "./keep-cases";
import { readCases } from "./read-cases";
import { SourceField } from "./source-field";

const largestFile = 20_000_000;

/** Cases and messages from lines of JSON, pasted or of a file. All lines hold, or nothing is imported. */
export function ImportDialog({
  begin,
  onClose,
  onKept,
}: {
  /** Stands there when it opens: lines, and the source that their messages come at. */
  begin?: { text: string; at: string };
  onClose(): void;
  onKept(name: string): void;
}) {
  const store = useDesignerStore();
  const client = useTRPCClient();
  const document = useDesigner((state) => state.document);
  const sources = sourcesOf(document);
  const [text, setText] = useState(begin?.text ?? "");
  const [at, setAt] = useState(sources.find(({ id }) => id === begin?.at)?.id ?? sources[0]?.id ?? "");
  const [tooLarge, setTooLarge] = useState(false);
  const read = useMemo(() => readCases(text), [text]);
  const count = read.cases.length + read.messages.length;
  const tooMany = refuseCases(document, count);
  const keep = useMutation({
    mutationFn: async () => {
      const { document: drawn } = store.getState();
      const made =
        read.messages.length === 0
          ? { cases: [], skipped: [] }
          : await client.trials.capture.mutate({
              document: drawn,
              at,
              from: { messages: read.messages },
              // Nobody is called for a file that was read; a call without an answer is told as a failure.
              calls: "given",
            });
      const [skipped] = made.skipped;
      if (skipped) throw new Error(`${skipped.what}: ${skipped.words}`);
      return [...read.cases, ...made.cases];
    },
    onSuccess: (cases) => {
      const first = keepCases(store, cases);
      onClose();
      if (first) onKept(first);
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Import lines of JSON"
      description="One case a line, as in the flow file, or one message a line. Of a message a case is made that expects what the draft makes of it now."
      width="lg"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={keep.isPending}
            disabled={count === 0 || read.errors.length > 0 || tooMany !== null}
            onClick={() => keep.mutate()}
          >
            {count === 0 ? "Import" : `Import ${formatPlural(count, "case")}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field label="File" error={tooLarge ? "It is larger than 20 MB." : undefined}>
          {(control) => (
            <Input
              {...control}
              type="file"
              accept=".ndjson,.jsonl,.json,.txt"
              onChange={(event) => {
                const file = event.target.files?.[0];
                setTooLarge((file?.size ?? 0) > largestFile);
                if (file && file.size <= largestFile) void file.text().then(setText);
              }}
            />
          )}
        </Field>
        <Field label="Lines">
          {(control) => (
            <Textarea
              {...control}
              mono
              spellCheck={false}
              className="min-h-44 !text-12"
              value={text}
              placeholder={'{"id": 4711, "total": 25}\n{"key": "k-1", "body": {"id": 4712}}'}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {sources.length > 1 && read.messages.length > 0 ? (
          <SourceField label="Messages come at" sources={sources} value={at} onValueChange={setAt} className="w-60" />
        ) : null}
        {read.errors.length > 0 ? (
          <Callout tone="bad" title={`${formatPlural(read.errors.length, "line")} cannot be read; nothing is imported`}>
            <ul>
              {read.errors.slice(0, 20).map(({ line, words }) => (
                <li key={line}>
                  Line {line}: <InlineCode text={words} />
                </li>
              ))}
              {read.errors.length > 20 ? <li>and {read.errors.length - 20} more</li> : null}
            </ul>
          </Callout>
        ) : null}
        {tooMany ? <p className="text-12 text-bad">{tooMany}</p> : null}
        {keep.error ? (
          <Callout tone="bad" title="Nothing was imported" code={wordsOfError(keep.error).code}>
            {wordsOfError(keep.error).message}
          </Callout>
        ) : null}
      </div>
    </Dialog>
  );
}
