"use client";

import { letterVariables } from "@/flow/letter-variables";
import type { DeadLetterView } from "@/server/views";
import { ExpressionField } from "../form/expression-field";
import type { FieldModel } from "../form/model";
import { PairsField } from "../form/pairs-field";
import { printPayload } from "../payload/json-diff";
import { Field } from "../ui/field";
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

/** The body of one letter, to be written anew by hand. */
export function BodyByHand({
  letter,
  value,
  isBroken,
  canPutBack,
  onChange,
}: {
  letter: DeadLetterView | undefined;
  value: string;
  /** No JSON, where JSON is read. */
  isBroken: boolean;
  canPutBack: boolean;
  onChange(value: string): void;
}) {
  return (
    <Field
      label="Body"
      error={
        isBroken && letter
          ? `It is not JSON, which ${letter.flowTitle} reads: sent like this it will most likely fail again.`
          : undefined
      }
      hint="Key and headers stay. What failed is kept as it was; this is what is sent."
      aside={
        canPutBack ? (
          <button
            type="button"
            className="text-accent hover:underline"
            onClick={() => onChange(printPayload(letter?.value ?? ""))}
          >
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
          value={value}
          onChange={(event) => onChange(event.target.value)}
          spellCheck={false}
        />
      )}
    </Field>
  );
}
