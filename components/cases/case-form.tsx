"use client";

import { useEffect, useRef, useState } from "react";
import { type TestCase, testCaseSchema } from "@/flow/test-case";
import type { Trial } from "@/flow/trial";
import { useDesigner } from "../designer/context";
import { nodeOf } from "../designer/edit";
import { sourcesOf } from "../designer/try-it";
import { titleOfNode } from "../drawing/kinds";
import { draftOfTest, readDraft } from "../trial/message-draft";
import { MessageForm } from "../trial/message-form";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { takeOutcome } from "./edit-cases";
import { JsonPart } from "./json-part";

interface PartProps {
  own: TestCase;
  onChange(next: TestCase): void;
  readOnly: boolean;
}

/** Where the case begins, with which message, and when. */
export function CaseMessage({ own, onChange, readOnly }: PartProps) {
  const document = useDesigner((state) => state.document);
  const [draft, setDraft] = useState(() => draftOfTest(own.message));
  const written = useRef(own.message);
  useEffect(() => {
    if (JSON.stringify(written.current) === JSON.stringify(own.message)) return;
    written.current = own.message;
    setDraft(draftOfTest(own.message));
  }, [own.message]);
  const sources = sourcesOf(document);
  const source = nodeOf(document, own.at);
  const options = sources.map((node) => ({ value: node.id, label: titleOfNode(node) }));
  const known = sources.some(({ id }) => id === own.at);
  return (
    <div className="flex flex-col gap-3">
      <Field label="Source" error={known ? undefined : `There is no source \`${own.at}\` any more. Choose another.`}>
        {(control) => (
          <Select
            {...control}
            value={known ? own.at : undefined}
            disabled={readOnly}
            options={options}
            onValueChange={(at) => onChange({ ...own, at })}
          />
        )}
      </Field>
      <MessageForm
        draft={draft}
        readOnly={readOnly}
        readsJson={(source?.config.codec ?? "json") === "json"}
        bodyClass="max-h-[40vh] min-h-40"
        onChange={(next) => {
          setDraft(next);
          const message = readDraft(next);
          written.current = message;
          onChange({ ...own, message });
        }}
      />
      <Now own={own} onChange={onChange} readOnly={readOnly} />
    </div>
  );
}

function Now({ own, onChange, readOnly }: PartProps) {
  const [typed, setTyped] = useState(own.now ?? "");
  const parsed = testCaseSchema.shape.now.safeParse(typed.trim() === "" ? undefined : typed.trim());
  return (
    <Field
      label="Clock"
      aside="optional"
      hint="What the flow takes for now; without one, the time of the test."
      error={parsed.success ? undefined : "A moment as 2026-11-27T12:00:00Z."}
    >
      {(control) => (
        <Input
          {...control}
          mono
          readOnly={readOnly}
          value={typed}
          placeholder="2026-11-27T12:00:00Z"
          onChange={(event) => {
            setTyped(event.target.value);
            const text = event.target.value.trim();
            const { now: _now, ...rest } = own;
            if (text === "") onChange(rest);
            else if (testCaseSchema.shape.now.safeParse(text).success) onChange({ ...rest, now: text });
          }}
        />
      )}
    </Field>
  );
}

const expectationSchema = testCaseSchema.pick({ expect: true, fails: true });

/** What must come, as in the flow file. */
export function CaseExpectation({ own, trial, onChange, readOnly }: PartProps & { trial: Trial | undefined }) {
  const { expect, fails } = own;
  return (
    <div className="flex flex-col gap-3">
      <JsonPart
        label="What must come"
        value={fails ? { expect, fails } : { expect }}
        schema={expectationSchema}
        readOnly={readOnly}
        onChange={(next) => {
          const { fails: _fails, ...rest } = own;
          onChange({ ...rest, expect: next.expect, ...(next.fails ? { fails: next.fails } : {}) });
        }}
        hint="Only what is written here is compared."
      />
      {readOnly || !trial ? null : (
        <Button className="self-start" onClick={() => onChange(takeOutcome(own, trial))}>
          Take what came as expected
        </Button>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-12 text-muted">
        <dt className="font-mono">"expect"</dt>
        <dd>
          By place: <code>node</code> of a sink says what it would have written, <code>node.port</code> what left by
          that port. <code>[]</code>: nothing came.
        </dd>
        <dt className="font-mono">"body"</dt>
        <dd>
          The value as JSON; <code>text</code> or <code>base64</code> where it is none. <code>key</code> and{" "}
          <code>headers</code> beside it.
        </dd>
        <dt className="font-mono">"fails"</dt>
        <dd>
          Nodes at which it must fail for good, with the code: <code>{'[{"node": "…", "code": "…"}]'}</code>.
        </dd>
      </dl>
    </div>
  );
}

const answersSchema = testCaseSchema.shape.answers.unwrap();

/** How the nodes that call out are answered, by their ids. */
export function CaseAnswers({ own, onChange, readOnly }: PartProps) {
  return (
    <JsonPart
      label="Answers by node"
      value={own.answers ?? {}}
      schema={answersSchema}
      readOnly={readOnly}
      onChange={(answers) => {
        const { answers: _answers, ...rest } = own;
        onChange(Object.keys(answers).length > 0 ? { ...rest, answers } : rest);
      }}
      hint='By id of the node: its first call takes the first answer, the last serves all that follow. {"fails": "…"} answers with a failure.'
    />
  );
}
