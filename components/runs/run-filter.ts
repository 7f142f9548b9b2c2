import type { RunState } from "@/flow/control";
import { durationPattern, parseDuration } from "@/flow/duration";
import { matchedByPattern } from "@/flow/run-search";
import type { RunFilter, RunSummary } from "@/server/views";

/** What the address of a runs list says. */
export type AddressFilter = Pick<
  RunFilter,
  "flow" | "state" | "version" | "node" | "key" | "traceId" | "text" | "by" | "longerMs" | "attempts"
> & {
  /** Began within this time (`15m`, `2h`): a length, so that a link means the same tomorrow. */
  within?: string;
  /** Began between these moments, in ISO 8601. */
  from?: string;
  to?: string;
};

/** What the server is asked for: lengths of time become moments. */
export function filterAt({ within, from, to, ...filter }: AddressFilter, now: number): RunFilter {
  const since = within ? new Date(now - parseDuration(within)) : from ? new Date(from) : undefined;
  return { ...filter, ...(since ? { since } : {}), ...(to ? { until: new Date(to) } : {}) };
}

export const runStates: readonly RunState[] = ["done", "dropped", "parked", "failed", "dead"];

/** Reads the filter from an address; what is not understood is left out. */
export function readFilter(params: URLSearchParams): AddressFilter {
  const filter: AddressFilter = {};
  const text = (name: string) => params.get(name)?.trim() || undefined;
  const flow = text("flow");
  if (flow) filter.flow = flow;
  const states = (text("state") ?? "")
    .split(",")
    .filter((state): state is RunState => runStates.includes(state as RunState));
  if (states.length > 0) filter.state = states;
  const version = Number(text("version"));
  if (Number.isInteger(version) && version > 0) filter.version = version;
  const node = text("node");
  if (node) filter.node = node;
  const key = text("key");
  if (key) filter.key = key;
  const traceId = text("trace");
  if (traceId) filter.traceId = traceId;
  const words = text("text");
  if (words) filter.text = words;
  const by = text("by");
  if (words && by && matchedByPattern.test(by)) filter.by = by as NonNullable<AddressFilter["by"]>;
  const within = text("within");
  if (within && durationPattern.test(within)) filter.within = within;
  for (const name of ["from", "to"] as const) {
    const moment = text(name);
    if (moment && !Number.isNaN(Date.parse(moment))) filter[name] = moment;
  }
  const longer = Number(text("longer"));
  if (Number.isInteger(longer) && longer > 0) filter.longerMs = longer;
  const attempts = Number(text("attempts"));
  if (Number.isInteger(attempts) && attempts > 1) filter.attempts = attempts;
  return filter;
}

/** The address' query of a filter: `?flow=orders&state=dead`, or nothing. */
export function writeFilter(filter: AddressFilter): string {
  const params = new URLSearchParams();
  if (filter.flow) params.set("flow", filter.flow);
  if (filter.state?.length) params.set("state", filter.state.join(","));
  if (filter.version) params.set("version", String(filter.version));
  if (filter.node) params.set("node", filter.node);
  if (filter.key) params.set("key", filter.key);
  if (filter.traceId) params.set("trace", filter.traceId);
  if (filter.text) params.set("text", filter.text);
  if (filter.text && filter.by) params.set("by", filter.by);
  for (const name of ["within", "from", "to"] as const) if (filter[name]) params.set(name, filter[name]);
  if (filter.longerMs) params.set("longer", String(filter.longerMs));
  if (filter.attempts) params.set("attempts", String(filter.attempts));
  const query = params.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return query ? `?${query}` : "";
}

/** The filter without one of its parts; what narrows a search goes with it. */
export function without(filter: AddressFilter, field: keyof AddressFilter): AddressFilter {
  const left = { ...filter };
  delete left[field];
  if (field === "text") delete left.by;
  return left;
}

/** Of a search by node or text only the server can tell what belongs to it. */
export function onlyServerTells(filter: AddressFilter): boolean {
  return Boolean(filter.node || filter.text);
}

/** Does a run that just came in belong to the list? Where only the server can tell: no. */
export function matchesFilter(run: RunSummary, filter: AddressFilter): boolean {
  if (onlyServerTells(filter)) return false;
  const began = run.startedAt.getTime();
  return (
    (!filter.flow || run.flow === filter.flow) &&
    (!filter.state?.length || filter.state.includes(run.state)) &&
    (!filter.version || run.version === filter.version) &&
    (!filter.key || run.key === filter.key) &&
    (!filter.traceId || run.traceId === filter.traceId) &&
    (!filter.from || began >= Date.parse(filter.from)) &&
    (!filter.to || began < Date.parse(filter.to)) &&
    (!filter.longerMs || run.durationMs >= filter.longerMs) &&
    (!filter.attempts || run.attempts >= filter.attempts)
  );
}

/** Live runs that are not in the list yet, and younger than its newest. @param more behind its last there are others, which are not new */
export function newRunsFor(
  live: readonly RunSummary[],
  shown: readonly RunSummary[],
  filter: AddressFilter,
  more = false,
): RunSummary[] {
  const ids = new Set(shown.map((run) => run.id));
  const newest = shown[0]?.startedAt.getTime() ?? 0;
  // A run is reported when it ended: one that started a little earlier than the newest shown may still be new.
  const slackMs = 60_000;
  const after = Math.max(newest - slackMs, more ? (shown.at(-1)?.startedAt.getTime() ?? 0) : 0);
  return live.filter((run) => !ids.has(run.id) && run.startedAt.getTime() > after && matchesFilter(run, filter));
}

/** A list with some runs more, in its order: the newest first, each once, at most `most` of them. */
export function addRuns(
  shown: readonly RunSummary[],
  added: readonly RunSummary[],
  most: number,
): { runs: RunSummary[]; cut: boolean } {
  const byId = new Map([...added, ...shown].map((run) => [run.id, run]));
  const runs = [...byId.values()].sort(
    (a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1),
  );
  return { runs: runs.slice(0, most), cut: runs.length > most };
}
