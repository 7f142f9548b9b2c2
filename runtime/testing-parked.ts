import type { DueMessage, DueStore } from "./parked-source";
import type { ParkedCount, ParkedMessage, ParkingStore } from "./parking";

/** Parked messages in memory, by the rules of the store in Postgres. */
export class MemoryParked implements ParkingStore, DueStore {
  rows: (ParkedMessage & { claimed: boolean; giveUp?: boolean })[] = [];
  isAway = false;

  /** The time of all has come. */
  makeDue(): void {
    this.rows = this.rows.map((row) => ({ ...row, dueAt: row.dueAt === null ? null : 0 }));
  }

  async park(messages: readonly ParkedMessage[]): Promise<Set<string>> {
    this.#reach();
    const added = new Set<string>();
    for (const message of messages) {
      const at = this.rows.findIndex((row) => namePlace(row) === namePlace(message));
      if (at < 0) {
        this.rows.push({ ...message, claimed: true });
        added.add(message.id);
      } else if (this.rows[at]!.id === message.id) this.rows[at] = { ...this.rows[at], ...message, claimed: false };
    }
    return added;
  }

  async count(_environment: string, _flowId: string, source: string, lane: string): Promise<ParkedCount[]> {
    this.#reach();
    const counts = new Map<string, ParkedCount>();
    for (const row of this.rows) {
      if (row.source !== source || row.lane !== lane) continue;
      const { node, orderKey } = row;
      const count = (counts.get(`${node}\n${orderKey}`)?.count ?? 0) + 1;
      counts.set(`${node}\n${orderKey}`, { node, source, lane, orderKey, count });
    }
    return [...counts.values()];
  }

  async claim({ lanes, limit, inHand }: Parameters<DueStore["claim"]>[0]): Promise<DueMessage[]> {
    this.#reach();
    const heads = new Map<string, (typeof this.rows)[number]>();
    for (const row of this.rows) {
      if (!lanes.some(({ source, lane }) => source === row.source && lane === row.lane)) continue;
      const name = `${row.node}\n${row.source}\n${row.lane}\n${row.orderKey}`;
      if (!heads.has(name)) heads.set(name, row);
    }
    const isHead = new Set(heads.values());
    const due = this.rows.filter((row) => {
      const isOwn = lanes.some(({ source, lane }) => source === row.source && lane === row.lane);
      const isDue = isHead.has(row) && (row.dueAt === null || row.dueAt <= Date.now());
      return isOwn && !inHand.includes(row.id) && (row.giveUp === true || isDue);
    });
    return due.slice(0, limit).map((row) => {
      row.claimed = true;
      const { source, lane, position, part } = row;
      return { ...row, giveUp: row.giveUp === true, place: { source, lane, position, part } };
    });
  }

  async remove(ids: readonly string[]): Promise<string[]> {
    this.#reach();
    const gone = this.rows.filter(({ id, claimed }) => claimed && ids.includes(id)).map(({ id }) => id);
    this.rows = this.rows.filter(({ id }) => !gone.includes(id));
    return gone;
  }

  async handBack(ids: readonly string[]): Promise<void> {
    this.rows = this.rows.map((row) => (ids.includes(row.id) ? { ...row, claimed: false } : row));
  }

  #reach(): void {
    if (this.isAway) throw new Error("away");
  }
}

function namePlace({ node, source, lane, position, part }: ParkedMessage): string {
  return [node, source, lane, position, part].join("\n");
}
