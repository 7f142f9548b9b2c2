import type { FlowSettings } from "./document";

const titles: Readonly<Record<keyof FlowSettings, string>> = {
  trace: "which runs are kept",
  searchable: "searchable fields",
  masked: "masked fields",
  recording: "how long runs are kept",
  delivery: "delivery",
  workers: "label of its workers",
  deadLetters: "where dead letters are also written",
  requireTests: "tests before a deploy",
  holding: "where it holds messages",
};

/** What differs between the settings of two drafts, in words: `masked below operator: body.price`. Empty when nothing does. */
export function describeSettingsChanges(before: FlowSettings = {}, after: FlowSettings = {}): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof FlowSettings)[];
  return names.flatMap((name) => {
    if (write(before[name]) === write(after[name])) return [];
    if (name === "masked") return describeMasked(before.masked ?? [], after.masked ?? []);
    return [`${titles[name]}: ${write(before[name])} → ${write(after[name])}`];
  });
}

/** A mask is told by its path: what was hidden is what is asked for later. */
function describeMasked(
  before: NonNullable<FlowSettings["masked"]>,
  after: NonNullable<FlowSettings["masked"]>,
): string[] {
  const paths = [...new Set([...before, ...after].map(({ path }) => path))];
  return paths.flatMap((path) => {
    const [was, is] = [before, after].map((fields) => fields.find((field) => field.path === path)?.below);
    if (was === is) return [];
    if (is === undefined) return [`no longer masked: ${path} (was below ${was})`];
    return [`masked below ${is}: ${path}${was === undefined ? "" : ` (was below ${was})`}`];
  });
}

function write(value: unknown): string {
  if (value === undefined) return "as usual";
  return typeof value === "string" ? value : JSON.stringify(value);
}
