import { defaultTrace, type FlowDocument, type FlowSettings as StoredSettings } from "@/flow/document";
import type { MaskedField } from "@/flow/recorded-fields";

type Trace = NonNullable<StoredSettings["trace"]>;

/** A searchable field as it stands in the dialog: its name may be empty, or stand twice, while it is typed. */
export interface SearchableRow {
  name: string;
  expression: string;
}

/** What the dialog shows of what is recorded; numbers as they are typed. */
export interface RecordingSettings {
  keep: "failed" | "rate" | "share" | "all";
  perSecond: string;
  percent: string;
  /** How long runs are kept; empty: as those of all flows. */
  days: string;
  /** CEL: what it holds for is kept, too; empty: nothing more is. */
  when: string;
  searchable: SearchableRow[];
  masked: MaskedField[];
}

export function readRecording({ settings }: FlowDocument): RecordingSettings {
  const trace = settings?.trace ?? defaultTrace;
  const share = "share" in trace ? trace.share : undefined;
  const perSecond = trace.perSecond ?? defaultTrace.perSecond;
  return {
    keep: keptBy(share, perSecond),
    perSecond: String(perSecond > 0 ? perSecond : defaultTrace.perSecond),
    percent: String(share !== undefined && share > 0 && share < 1 ? Number((share * 100).toPrecision(10)) : 10),
    days: settings?.recording ? String(settings.recording.days) : "",
    when: settings?.trace?.when ?? "",
    searchable: Object.entries(settings?.searchable ?? {}).map(([name, expression]) => ({ name, expression })),
    masked: [...(settings?.masked ?? [])],
  };
}

/** As the worker reads it: a share goes before a number each second. */
function keptBy(share: number | undefined, perSecond: number): RecordingSettings["keep"] {
  if ((share ?? perSecond) <= 0) return "failed";
  if (share === undefined) return "rate";
  return share < 1 ? "share" : "all";
}

/** Nothing was typed there. */
export const isEmpty = ({ name, expression }: SearchableRow) => name.trim() === "" && expression.trim() === "";

/** What the file says of it: what is absent is to be left out. `before`: what it says now, kept where nothing differs. */
export function writeRecording(
  settings: RecordingSettings,
  document: FlowDocument,
): Pick<StoredSettings, "trace" | "recording" | "searchable" | "masked"> {
  const before = readRecording(document);
  const sameTrace =
    settings.keep === before.keep &&
    numberOf(settings) === numberOf(before) &&
    settings.when.trim() === before.when.trim();
  const trace = sameTrace ? document.settings?.trace : traceOf(settings);
  const searchable = settings.searchable
    .filter((row) => !isEmpty(row))
    .map(({ name, expression }) => [name.trim(), expression.trim()] as const);
  const masked = settings.masked
    .map(({ path, below }) => ({ path: path.trim(), below }))
    .filter(({ path }) => path !== "");
  return {
    ...(trace ? { trace } : {}),
    ...(settings.days.trim() === "" ? {} : { recording: { days: Number(settings.days) } }),
    ...(searchable.length > 0 ? { searchable: Object.fromEntries(searchable) } : {}),
    ...(masked.length > 0 ? { masked } : {}),
  };
}

function numberOf({ keep, perSecond, percent }: RecordingSettings): number | null {
  if (keep === "rate") return Number(perSecond);
  return keep === "share" ? Number(percent) : null;
}

function traceOf(settings: RecordingSettings): Trace {
  const when = settings.when.trim();
  return { ...keptOf(settings), ...(when === "" ? {} : { when }) };
}

function keptOf({ keep, perSecond, percent }: RecordingSettings): Trace {
  if (keep === "failed") return { perSecond: 0 };
  if (keep === "rate") return { perSecond: Number(perSecond) };
  return { share: keep === "all" ? 1 : Number((Number(percent) / 100).toPrecision(10)) };
}
