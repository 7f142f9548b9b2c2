"use client";

import { letterVariables } from "@/flow/letter-variables";
import type { DeadLetterView, MessageView } from "@/server/views";
import { ExpressionField } from "../form/expression-field";
import { HeadersField } from "../form/headers-field";
import { KeyField } from "../form/key-field";
import type { FieldModel } from "../form/model";
import { PairsField } from "../form/pairs-field";
import { Field } from "../ui/field";
import { formatCount } from "../ui/formats";
import { Textarea } from "../ui/input";
import { Segments } from "../ui/tabs";

/** How many are changed: fields set in each, or a whole new body. */
export interface MappingDraft {
  way: "set" | "cel";
  set: Readonly<Record<string, string>>;
  cel: string;
}
export const emptyMapping: MappingDraft = { way: "set", set: {}, cel: "" };

const fields: FieldModel = {
  name: "set",
  title: "Set fields",
  widget: "assignments",
  required: false,
  advanced: false,
  parts: [
    {
      name: "value",
      title: "Value",
      widget: "expression",
      required: true,
      advanced: false,
      placeholder: "double(body.price)",
      variables: [...letterVariables],
    },
  ],
};

/** The change of each of many messages, written as in a map node. */
export function MappingFields({ draft, onChange }: { draft: MappingDraft; onChange(draft: MappingDraft): void }) {
  return (
    <div className="flex flex-col gap-2">
      <div>
        <Segments<MappingDraft["way"]>
          label="How each is changed"
          value={draft.way}
          onValueChange={(way) => onChange({ ...draft, way })}
          options={[
            { value: "set", label: "Set fields" },
            { value: "cel", label: "A whole new body" },
          ]}
        />
      </div>
      {draft.way === "set" ? (
        <>
          <PairsField
            field={fields}
            path="set"
            value={draft.set}
            onChange={(set) => onChange({ ...draft, set: set ?? {} })}
          />
          <p className="text-12 text-muted">The other fields stay. When it fails on one of them, none is sent.</p>
        </>
      ) : (
        <Field
          label="New body"
          hint="Its result is the whole new body: a field that it does not name is gone. When it fails on one of them, none is sent."
        >
          {(control) => (
            <ExpressionField
              id={control.id}
              describedBy={control["aria-describedby"]}
              label="New body"
              path="edit"
              value={draft.cel}
              onChange={(cel) => onChange({ ...draft, cel })}
              variables={letterVariables}
              placeholder="{'id': body.id, 'total': body.price * body.quantity}"
            />
          )}
        </Field>
      )}
    </div>
  );
}

/** One letter, as it is written by hand: what is shown is text. */
export type WrittenLetter = Pick<MessageView, "key" | "value" | "headers">;
/** Headers past this many are not put into fields, and stay. */
const mostHeaders = 200;

/** Key, body and headers of one letter, to be written anew by hand. */
export function LetterByHand({
  letter,
  written,
  isBroken,
  came,
  onChange,
}: {
  letter: DeadLetterView | undefined;
  written: WrittenLetter;
  /** No JSON, where JSON is read. */
  isBroken: boolean;
  /** What failed first, where it is not what the fields began with. */
  came: WrittenLetter | null;
  onChange(change: Partial<WrittenLetter>): void;
}) {
  const { key, value, headers } = written;
  return (
    <div className="flex flex-col gap-4">
      <KeyField value={key} onChange={(key) => onChange({ key })} />
      <Field
        label="Body"
        error={
          isBroken && letter
            ? `It is not JSON, which ${letter.flowTitle} reads: sent like this it will most likely fail again.`
            : undefined
        }
        hint="What failed is kept as it was; this is what is sent."
        aside={
          came ? (
            <button type="button" className="text-accent hover:underline" onClick={() => onChange(came)}>
              Put back what failed first
            </button>
          ) : null
        }
      >
        {(field) => (
          <Textarea
            {...field}
            mono
            rows={12}
            value={value ?? ""}
            onChange={(event) => onChange({ value: event.target.value })}
            spellCheck={false}
          />
        )}
      </Field>
      {headers.length <= mostHeaders ? (
        <HeadersField headers={headers} onChange={(headers) => onChange({ headers })} />
      ) : (
        <p className="text-12 text-muted">
          Its {formatCount(headers.length)} headers stay as they are: past {mostHeaders} they are not edited by hand.
        </p>
      )}
    </div>
  );
}
