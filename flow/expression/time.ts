import { spend } from "./budget";
import { Duration } from "./values";

/** Parts of a time that can be asked for, in UTC or in a named time zone: `getHours('Europe/Berlin')`. */
export const timeParts = {
  getFullYear: (time: Date) => time.getUTCFullYear(),
  getMonth: (time: Date) => time.getUTCMonth(),
  getDate: (time: Date) => time.getUTCDate(),
  getDayOfMonth: (time: Date) => time.getUTCDate() - 1,
  getDayOfWeek: (time: Date) => time.getUTCDay(),
  getDayOfYear: (time: Date) => Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / 86_400_000),
  getHours: (time: Date) => time.getUTCHours(),
  getMinutes: (time: Date) => time.getUTCMinutes(),
  getSeconds: (time: Date) => time.getUTCSeconds(),
  getMilliseconds: (time: Date) => time.getUTCMilliseconds(),
} as const;

const zones = new Map<string, Intl.DateTimeFormat>();

/** The same wall clock time in UTC, so that its parts can be read there; `undefined` for a zone that does not exist. */
export function shiftToZone(time: Date, zone: string): Date | undefined {
  const format = zones.get(zone) ?? openZone(zone);
  if (!format) return undefined;
  const parts = Object.fromEntries(format.formatToParts(time).map((part) => [part.type, Number(part.value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return new Date(Date.UTC(year, month - 1, day, hour % 24, minute, second, time.getUTCMilliseconds()));
}

function openZone(zone: string): Intl.DateTimeFormat | undefined {
  if (zones.size > 100) zones.clear();
  try {
    const numeric = "numeric" as const;
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      hourCycle: "h23",
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
    zones.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

const isoPattern = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

/** Reads an ISO 8601 time; without a zone it is UTC. */
export function readTime(text: string): Date | undefined {
  spend(20);
  const match = isoPattern.exec(text);
  if (!match) return undefined;
  const time = new Date(match[1] !== undefined && match[4] === undefined ? `${text.replace(" ", "T")}Z` : text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** The end of the year 9999 in seconds: CEL's last time. Milliseconds given for seconds lie far behind it. */
const lastSecond = 253_402_300_799;

/** A time from seconds since 1970, as CEL counts. */
export function timeFromSeconds(seconds: number): Date | undefined {
  return Math.abs(seconds) <= lastSecond ? new Date(Math.round(seconds * 1000)) : undefined;
}

const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000001 };

/** Reads `1h30m`, `-1.5s`, `300ms`. */
export function readDuration(text: string): Duration | undefined {
  spend(20);
  if (text.length > 100 || !/^[+-]?(\d+(\.\d*)?(h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)/g)) {
    ms += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  }
  return new Duration(text.startsWith("-") ? -ms : ms);
}
