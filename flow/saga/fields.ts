import * as z from "zod";
import { fieldPathPattern } from "../body-path";
import { optionalDuration, parseDuration } from "../duration";
import { type FieldMeta, optionalExpression } from "../fields";
import type { ProblemDraft } from "../problems";

/** A field of the data, or a path to one; empty: none. */
export const intoField = (meta: FieldMeta) =>
  z
    .string()
    .regex(fieldPathPattern, "a field is a name or a path like warehouse.answer")
    .or(z.literal(""))
    .optional()
    .meta({ ...meta, widget: "text" });

/** Longest time that anything waits. */
export const longestWait = "3650d";

/** A time, said as a length from now or as an expression. */
export const timeFields = {
  for: optionalDuration(longestWait, { title: "For", help: "Like 30s, 15m, 12h or 7d.", placeholder: "15m" }),
  until: optionalExpression({
    title: "Or until",
    help: "A time, as `timestamp(…)`, as ISO text or as milliseconds since 1970. One that has passed is now.",
    placeholder: "timestamp(body.dueAt)",
    expects: "any",
  }),
};

export interface TimeConfig {
  readonly for?: string | undefined;
  readonly until?: string | undefined;
}

export function checkTime({ for: length, until }: TimeConfig): ProblemDraft[] {
  if (length && until)
    return [
      {
        code: "config-field-invalid",
        field: "until",
        message: "Say how long or until when, not both. Clear one of them.",
      },
    ];
  return length || until
    ? []
    : [{ code: "config-field-missing", field: "for", message: "Say how long, or until when." }];
}

export function wordTime({ for: length, until }: TimeConfig): string {
  return until ? `until ${until}` : length ? `for ${length}` : "no time yet";
}

/** Milliseconds of an optional length of time; `null`: for ever. */
export function readWithin(within: string | undefined): number | null {
  return within ? parseDuration(within) : null;
}
