import * as z from "zod";

/** Who has none of these is a viewer, below which nobody is. */
export const maskRoles = ["editor", "operator", "admin"] as const;
export type MaskRole = (typeof maskRoles)[number];

/** A field that who has a role below does not see. */
export const maskedSchema = z
  .array(z.strictObject({ path: z.string().min(1).max(300), below: z.enum(maskRoles) }))
  .max(50);
export type MaskedField = z.infer<typeof maskedSchema>[number];

/** A flow names at most as many fields. */
export const maxSearchables = 8;
/** A value is kept, and searched for, up to here. */
export const maxSearchableLength = 200;

export const searchableNamePattern = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;

/** Names of fields by which runs are found, and how each is read from the source message (CEL). */
export const searchableSchema = z
  .record(z.string(), z.string())
  .refine(
    (fields) => Object.keys(fields).every((name) => searchableNamePattern.test(name)),
    "has a name that is none: letters, digits, `_` and `-`, a letter first, at most 40",
  )
  .refine((fields) => Object.keys(fields).length <= maxSearchables, `has more than ${maxSearchables} fields`)
  // A message's key is kept under this name in any case.
  .refine((fields) => !("key" in fields), "has a field `key`, which is there by itself");
export type SearchableFields = z.infer<typeof searchableSchema>;
