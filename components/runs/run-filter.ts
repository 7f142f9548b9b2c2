import type { RunState } from "@/flow/control";
import type { RunFilter, RunSummary } from "@/server/views";

/** What the address of a runs list says. */
export type AddressFilter = Pick<RunFilter, "flow" | "state" | "version" | "node" | "key" | "traceId" | "text">;

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
  const query = params.toString().replaceAll("%2C", ",");
  return query ? `?${query}` : "";
}

/** Does a run that just came in belong to the list? Of a search by node or text only the server can tell: then no. */
export function matchesFilter(run: RunSummary, filter: AddressFilter): boolean {
  if (filter.node || filter.text) return false;
  return (
    (!filter.flow || run.flow === filter.flow) &&
    (!filter.state?.length || filter.state.includes(run.state)) &&
    (!filter.version || run.version === filter.version) &&
    (!filter.key || run.key === filter.key) &&
    (!filter.traceId || run.traceId === filter.traceId)
  );
}

/** Live runs that are not in the list yet and younger than its newest. */
export function newRunsFor(
  live: readonly RunSummary[],
  shown: readonly RunSummary[],
  filter: AddressFilter,
): RunSummary[] {
  const ids = new Set(shown.map((run) => run.id));
  const newest = shown[0]?.startedAt.getTime() ?? 0;
  // A run is reported when it ended: one that started a little earlier than the newest shown may still be new.
  const slackMs = 60_000;
  return live.filter(
    (run) => !ids.has(run.id) && run.startedAt.getTime() > newest - slackMs && matchesFilter(run, filter),
  );
}
