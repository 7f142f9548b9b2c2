import * as z from "zod";
import type { FieldMeta } from "./fields";

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A length of time as a person writes it: `30s`, `15m`, `12h`, `7d`. */
export const durationPattern = /^([1-9]\d{0,4})([smhd])$/;

/** Milliseconds of a text that fits `durationPattern`. @throws RangeError for any other. */
export function parseDuration(text: string): number {
  const match = durationPattern.exec(text);
  if (!match) throw new RangeError(`${text} is no length of time.`);
  return Number(match[1]) * units[match[2] as keyof typeof units];
}

/** `90 s`, `5 min`, `1 h`, `7 days`: the largest unit that leaves no rest worth telling. */
export function formatSpan(ms: number): string {
  const words = [
    [units.d, "day"],
    [units.h, "h"],
    [units.m, "min"],
    [units.s, "s"],
  ] as const;
  const [size, unit] = words.find(([each]) => ms >= each && ms % each === 0) ?? [1, "ms"];
  const count = ms / size;
  return `${count} ${unit}${unit === "day" && count !== 1 ? "s" : ""}`;
}

const written = (max: string) =>
  z
    .string()
    .regex(durationPattern, "a length of time is written like 30s, 15m, 12h or 7d")
    .refine((text) => !durationPattern.test(text) || parseDuration(text) <= parseDuration(max), {
      error: `at most ${max}`,
    });

/** A config field that holds a length of time, up to `max`. */
export const duration = (max: string, initial: string, meta: FieldMeta) =>
  written(max)
    .default(initial)
    .meta({ ...meta, widget: "text" });
/** A length of time that may be left empty. */
export const optionalDuration = (max: string, meta: FieldMeta) =>
  written(max)
    .or(z.literal(""))
    .optional()
    .meta({ ...meta, widget: "text" });
