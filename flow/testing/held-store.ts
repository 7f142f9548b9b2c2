import { answerChanges, sumUpChanges } from "../held-changes";
import {
  addStanding,
  compareBegin,
  type HeldCount,
  type HeldPage,
  type HeldSearch,
  matchesSearch,
  openStatuses,
  readPlace,
  writePlace,
} from "../held-search";
import type { Arrival, DueOptions, HeldChange, HeldRow, HeldScope, HeldStore, StandingCount } from "../holding";

/** What is held, in memory, for several workers; with a switch that the test sets. */
export class MemoryHeldStore implements HeldStore {
  readonly rows = new Map<string, HeldRow>();
  readonly arrivals = new Map<string, Arrival>();
  /** Set to make the store unreachable. */
  away = false;
  /** Calls of `write`, and the changes in them. */
  readonly writes = { calls: 0, changes: 0 };

  async write(changes: readonly HeldChange[]): Promise<("written" | "conflict")[]> {
    this.#ask();
    this.writes.calls++;
    this.writes.changes += changes.length;
    const steps = sumUpChanges(changes);
    const due = steps.filter(({ id, base }) => (this.rows.get(id)?.revision ?? 0) === base);
    for (const { id, row } of due) {
      if (row) this.rows.set(id, row);
      else this.rows.delete(id);
    }
    return answerChanges(changes, steps, new Set(due.map(({ id }) => id)));
  }

  async read(ids: readonly string[]): Promise<(HeldRow | null)[]> {
    this.#ask();
    return ids.map((id) => this.rows.get(id) ?? null);
  }

  async takeDue(scope: HeldScope, { kind, now, limit, leaseMs }: DueOptions): Promise<HeldRow[]> {
    this.#ask();
    const taken = this.#in(scope)
      .filter((row) => row.kind === kind && row.dueAt !== null && row.dueAt <= now)
      .sort((one, other) => one.dueAt! - other.dueAt!)
      .slice(0, limit)
      .map((row) => ({ ...row, dueAt: now + leaseMs }));
    for (const row of taken) this.rows.set(row.id, row);
    return taken;
  }

  async setDue(
    entries: readonly { readonly id: string; readonly revision: number; readonly dueAt: number | null }[],
  ): Promise<void> {
    this.#ask();
    for (const { id, revision, dueAt } of entries) {
      const row = this.rows.get(id);
      if (row?.revision === revision) this.rows.set(id, { ...row, dueAt });
    }
  }

  async findAwaiting(scope: HeldScope, addresses: readonly string[]): Promise<{ address: string; id: string }[]> {
    this.#ask();
    const asked = new Set(addresses);
    return this.#in(scope)
      .sort((one, other) => -compareBegin(one, other))
      .flatMap(({ id, awaits }) => awaits.filter((address) => asked.has(address)).map((address) => ({ address, id })));
  }

  async keepArrivals(arrivals: readonly Arrival[]): Promise<void> {
    this.#ask();
    for (const arrival of arrivals) if (!this.arrivals.has(arrival.id)) this.arrivals.set(arrival.id, arrival);
  }

  async findArrivals(scope: HeldScope, addresses: readonly string[]): Promise<Arrival[]> {
    this.#ask();
    const asked = new Set(addresses);
    return [...this.arrivals.values()]
      .filter((arrival) => isIn(scope, arrival) && asked.has(arrival.address))
      .sort((one, other) => -compareBegin(one, other));
  }

  async removeArrivals(ids: readonly string[]): Promise<void> {
    this.#ask();
    for (const id of ids) this.arrivals.delete(id);
  }

  async forgetExpired(now: number): Promise<number> {
    this.#ask();
    const past = [...this.rows.values()].filter(
      ({ expiresAt, dueAt }) => expiresAt !== null && expiresAt <= now && dueAt === null,
    );
    const late = [...this.arrivals.values()].filter(({ expiresAt }) => expiresAt <= now);
    for (const { id } of past) this.rows.delete(id);
    for (const { id } of late) this.arrivals.delete(id);
    return past.length + late.length;
  }

  async list(search: HeldSearch): Promise<HeldPage> {
    this.#ask();
    const from = readPlace(search.from);
    const found = [...this.rows.values()]
      .filter(({ environment }) => environment === search.environment)
      .filter(({ flowId }) => search.flowId === undefined || search.flowId === flowId)
      .filter((row) => matchesSearch(search, row) && (!from || compareBegin(row, from) > 0))
      .sort(compareBegin);
    const rows = found.slice(0, search.limit).map(({ content: _content, awaits: _awaits, ...summary }) => summary);
    const last = rows.at(-1);
    return { rows, next: last && found.length > search.limit ? writePlace(last) : null };
  }

  async count(scope: HeldScope): Promise<HeldCount[]> {
    this.#ask();
    const counts = new Map<string, HeldCount>();
    for (const { node, version, status, steps: standing } of this.#in(scope)) {
      const steps = openStatuses.includes(status) ? standing : [];
      const group = `${node} ${version} ${status} ${steps.join()}`;
      counts.set(group, { node, version, status, steps, count: (counts.get(group)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  async countStanding(scope: HeldScope): Promise<StandingCount[]> {
    return addStanding(await this.count(scope));
  }

  #in(scope: HeldScope): HeldRow[] {
    return [...this.rows.values()].filter((row) => isIn(scope, row));
  }

  #ask(): void {
    if (this.away) throw new Error("away");
  }
}

function isIn(scope: HeldScope, { environment, flowId }: HeldScope): boolean {
  return environment === scope.environment && flowId === scope.flowId;
}
