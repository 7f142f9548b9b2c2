/** Numbers and times as people read them. Pure; the locale is English, the time zone the viewer's. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** `1,234,567`; `–` for what is not known. */
export function formatCount(count: number | null | undefined): string {
  return count === null || count === undefined || !Number.isFinite(count) ? "–" : whole.format(count);
}

function shorten(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.0+$/, "");
}

/** `950`, `1.2k`, `34k`, `1.2M`: three characters that matter. */
export function formatCompact(count: number): string {
  const size = Math.abs(count);
  if (size < 999.5) return shorten(count, size < 9.95 && !Number.isInteger(count) ? 1 : 0);
  if (size < 999_500) return `${shorten(count / 1000, size < 9_950 ? 1 : 0)}k`;
  if (size < 999_500_000) return `${shorten(count / 1e6, size < 9_950_000 ? 1 : 0)}M`;
  return `${shorten(count / 1e9, 1)}B`;
}

/** Messages per second: `0/s`, `0.4/s`, `38/s`, `1.2k/s`. */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return "–";
  if (perSecond > 0 && perSecond < 0.05) return "<0.1/s";
  return `${formatCompact(perSecond)}/s`;
}

/** `0.1 ms`, `12 ms`, `3.70 s`, `2 min 5 s`, `3 h 12 min`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  if (ms <= 0) return "0 ms";
  if (ms < 0.05) return "<0.1 ms";
  if (ms < 9.95) return `${shorten(ms, 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 3600) return joinUnits(Math.floor(rounded / 60), "min", rounded % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return joinUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return joinUnits(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** How long something has been going on, as exact as one can see it change: `8 s`, `14 min`, `3 h`, `2 d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `812 B`, `1.4 kB`, `350 MB` (powers of 1000). */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return "–";
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${shorten(value, value < 9.95 ? 1 : 0)} ${units[unit]}`;
}

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 d ago`, then the date. */
export function formatAgo(then: Date, now: number): string {
  const seconds = (now - then.getTime()) / 1000;
  if (seconds < -2) return formatTime(then);
  if (seconds < 2) return "just now";
  if (seconds < 59.5) return `${Math.round(seconds)} s ago`;
  if (seconds < 3570) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 84_600) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.round(seconds / 86_400)} d ago`;
  return formatDate(then);
}

const dateOnly = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const dateAndTime = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const dayAndMinute = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** `22 Nov 2026` */
export function formatDate(date: Date): string {
  return dateOnly.format(date);
}
/** `22 Nov 2026, 14:02:11 CET`: exact, for a hover. */
export function formatExact(date: Date): string {
  return dateAndTime.format(date);
}
/** `22 Nov, 14:02` */
export function formatMoment(date: Date): string {
  return dayAndMinute.format(date);
}
/** `14:02:11`, with `.204` when milliseconds matter. */
export function formatTime(date: Date, milliseconds = false): string {
  const two = (part: number) => String(part).padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return milliseconds ? `${clock}.${String(date.getMilliseconds()).padStart(3, "0")}` : clock;
}

/** `1 run`, `2 runs`; the count with thousands separated. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Two letters for a face: `MK` of "Mira Keller". */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? `${words[0]![0]}${words.at(-1)![0]}` : (words[0]?.slice(0, 2) ?? "?");
  return letters.toUpperCase();
}
