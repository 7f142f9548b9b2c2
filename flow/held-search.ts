import type { HeldKind, HeldRow, HeldStatus, StandingCount } from "./holding";

/** What a person looks for among what is held. Absent: whatever it is. Times are milliseconds since the epoch. */
export interface HeldSearch {
  readonly environment: string;
  readonly flowId?: string;
  readonly kind?: HeldKind;
  readonly statuses?: readonly HeldStatus[];
  /** The whole key. */
  readonly key?: string;
  /** A node where it stands. */
  readonly step?: string;
  /** Began at that time or later. */
  readonly since?: number;
  /** Began before. */
  readonly before?: number;
  readonly limit: number;
  /** `next` of the page before. */
  readonly from?: string;
}

export interface HeldPage {
  readonly rows: readonly HeldSummary[];
  /** Where the next page begins; `null`: there is none. */
  readonly next: string | null;
}

export type HeldSummary = Omit<HeldRow, "content" | "awaits">;

/** How many rows of one kind there are. */
export interface HeldCount {
  /** That holds. */
  readonly node: string;
  readonly version: number;
  readonly status: HeldStatus;
  /** Where each of them stands; empty of what has ended. */
  readonly steps: readonly string[];
  readonly count: number;
}

/** How many stand at each node, of counts of all there is. */
export function addStanding(counts: readonly Pick<HeldCount, "status" | "steps" | "count">[]): StandingCount[] {
  const standing = new Map<string, { count: number; stuck: number }>();
  for (const { status, steps, count } of counts) {
    for (const node of steps) {
      const own = standing.get(node) ?? { count: 0, stuck: 0 };
      own.count += count;
      if (status === "stuck") own.stuck += count;
      standing.set(node, own);
    }
  }
  return [...standing].map(([node, own]) => ({ node, ...own }));
}

/** Of what has not ended. */
export const openStatuses: readonly HeldStatus[] = ["held", "running", "waiting", "asking", "stuck", "compensating"];

/** Is a row what is looked for? A row of whatever environment and flow. */
export function matchesSearch(search: HeldSearch, row: HeldSummary): boolean {
  const { kind, statuses, key, step, since, before } = search;
  return (
    (kind === undefined || row.kind === kind) &&
    (statuses === undefined || statuses.includes(row.status)) &&
    (key === undefined || row.key === key) &&
    (step === undefined || row.steps.includes(step)) &&
    (since === undefined || row.createdAt >= since) &&
    (before === undefined || row.createdAt < before)
  );
}

/** The order of a list: what began last first. */
export function compareBegin(one: Pick<HeldRow, "createdAt" | "id">, other: Pick<HeldRow, "createdAt" | "id">): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
}

/** The place of a row in the order of a list: behind it the next page begins. */
export function writePlace({ createdAt, id }: Pick<HeldRow, "createdAt" | "id">): string {
  return `${createdAt}_${id}`;
}

/** `null` for what is no place: the list begins at its head. */
export function readPlace(place: string | undefined): { readonly createdAt: number; readonly id: string } | null {
  const [, createdAt, id] = /^(\d{1,16})_([0-9a-f-]{36})$/.exec(place ?? "") ?? [];
  return createdAt && id ? { createdAt: Number(createdAt), id } : null;
}
