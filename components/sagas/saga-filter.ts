import { durationPattern, parseDuration } from "@/flow/duration";
import type { SagaFilter, SagaStatus, SagaSummary } from "@/server/saga-views";

/** What the address of a list of sagas says. Ages are lengths of time (`15m`, `2h`), so that a link means the same tomorrow. */
export interface SagaAddress {
  flow?: string;
  status?: SagaStatus[];
  version?: number;
  key?: string;
  /** Stands at this node. */
  step?: string;
  text?: string;
  /** Began longer ago than this. */
  older?: string;
  /** Began within this time. */
  within?: string;
}

/** In the order in which a person cares: what asks for somebody first. */
export const sagaStatuses: readonly SagaStatus[] = [
  "stuck",
  "asking",
  "running",
  "waiting",
  "compensating",
  "completed",
  "compensated",
];

/** Statuses of what has not ended. */
export const openStatuses: readonly SagaStatus[] = ["stuck", "asking", "running", "waiting", "compensating"];

/** Reads the filter from an address; what is not understood is left out. */
export function readSagaFilter(params: URLSearchParams): SagaAddress {
  const filter: SagaAddress = {};
  for (const field of ["flow", "key", "step", "text"] as const) {
    const value = params.get(field)?.trim();
    if (value) filter[field] = value;
  }
  for (const field of ["older", "within"] as const) {
    const value = params.get(field)?.trim() ?? "";
    if (durationPattern.test(value)) filter[field] = value;
  }
  const asked = (params.get("status") ?? "").split(",");
  const status = sagaStatuses.filter((each) => asked.includes(each));
  if (status.length > 0) filter.status = status;
  const version = Number(params.get("version")?.trim());
  if (Number.isInteger(version) && version > 0) filter.version = version;
  return filter;
}

/** The address' query of a filter: `?status=asking&step=charge`, or nothing. */
export function writeSagaFilter(filter: SagaAddress): string {
  const params = new URLSearchParams();
  if (filter.flow) params.set("flow", filter.flow);
  if (filter.status?.length) params.set("status", filter.status.join(","));
  if (filter.version) params.set("version", String(filter.version));
  for (const field of ["key", "step", "text", "older", "within"] as const) {
    const value = filter[field];
    if (value) params.set(field, value);
  }
  const query = params.toString().replaceAll("%2C", ",");
  return query ? `?${query}` : "";
}

/** What the server is asked for: ages become times. */
export function filterAt({ older, within, ...filter }: SagaAddress, now: number): SagaFilter {
  return {
    ...filter,
    ...(older ? { startedBefore: new Date(now - parseDuration(older)) } : {}),
    ...(within ? { startedAfter: new Date(now - parseDuration(within)) } : {}),
  };
}

const units: Record<string, string> = { s: "s", m: "min", h: "h", d: "d" };

/** `15m` as `15 min`. */
export function describeAge(age: string): string {
  const match = durationPattern.exec(age);
  return match ? `${match[1]} ${units[match[2]!]}` : age;
}

/** A row of a list, and whether it is still what the list is asked for. */
export interface ListedSaga {
  saga: SagaSummary;
  /** It was in the list and has left it meanwhile: it stays, dimmed, so that nothing moves under the pointer. */
  gone: boolean;
}

/**
 * A list that is read anew without moving: what is shown stays in its place with what is known now, what is new waits until it is let in.
 * @param shown what is on the page, in its order
 * @param found what the server answers now, the newest first
 * @param reached how far down `found` speaks: sagas that began before its last are unknown to it, unless it has no more
 */
export function settleSagas(
  shown: readonly ListedSaga[],
  found: readonly SagaSummary[],
  reached: { more: boolean },
): { listed: ListedSaga[]; fresh: SagaSummary[] } {
  const now = new Map(found.map((saga) => [saga.id, saga]));
  const known = new Set(shown.map(({ saga }) => saga.id));
  const oldest = found.at(-1)?.startedAt.getTime() ?? Number.POSITIVE_INFINITY;
  const kept = shown.map((row): ListedSaga => {
    const saga = now.get(row.saga.id);
    if (saga) return row.saga === saga && !row.gone ? row : { saga, gone: false };
    const beyond = reached.more && row.saga.startedAt.getTime() <= oldest;
    return beyond || row.gone ? row : { saga: row.saga, gone: true };
  });
  const lowest = shown.at(-1)?.saga.startedAt.getTime() ?? Number.POSITIVE_INFINITY;
  const strangers = found.filter((saga) => !known.has(saga.id));
  // What is older than all that is shown was asked for ("Show older"): it comes in below, where nothing moves.
  const isBelow = (saga: SagaSummary) => saga.startedAt.getTime() <= lowest;
  return {
    listed: [...kept, ...strangers.filter(isBelow).map((saga) => ({ saga, gone: false }))],
    fresh: strangers.filter((saga) => !isBelow(saga)),
  };
}
