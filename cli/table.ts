export interface Column<Row> {
  title: string;
  value(row: Row): string | number | null | undefined;
  /** Numbers stand at the right. */
  right?: boolean;
}

/** Rows as aligned columns with titles; columns that are empty in every row are left out. */
export function writeTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], indent = ""): string {
  const cells = rows.map((row) => columns.map((column) => showCell(column.value(row))));
  const shown = columns
    .map((column, index) => ({ column, index }))
    .filter(({ index }) => cells.some((row) => row[index] !== ""));
  const widths = shown.map(({ column, index }) =>
    Math.max(column.title.length, ...cells.map((row) => row[index]!.length)),
  );
  const writeLine = (texts: readonly string[]) =>
    shown
      .map(({ column }, at) => (column.right ? texts[at]!.padStart(widths[at]!) : texts[at]!.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd();
  const head = writeLine(shown.map(({ column }) => column.title.toUpperCase()));
  const body = cells.map((row) => writeLine(shown.map(({ index }) => row[index]!)));
  return [head, ...body].map((line) => indent + line).join("\n");
}

function showCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return formatCount(value);
  // A terminal obeys control characters, and payloads are text from strangers.
  return cleanText(value).replaceAll(/\s+/g, " ").trim();
}

/** Text without control characters other than line ends and tabs. */
export function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** `12,480`; fractions with one digit. */
export function formatCount(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** `850 ms`, `1.2 s`, `3 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  if (milliseconds < 3_600_000) return `${Math.round(milliseconds / 60_000)} min`;
  return `${Math.round(milliseconds / 3_600_000)} h`;
}

/** `3 s ago`; `never` for what did not happen. */
export function formatAgo(at: Date | number | null, now: number): string {
  if (at === null) return "never";
  const age = now - (typeof at === "number" ? at : at.getTime());
  return age < 1_000 ? "now" : `${formatDuration(age)} ago`;
}

/** One thing or several: `1 run`, `3 runs`. */
export function formatNumberOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
