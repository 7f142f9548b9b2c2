import { randomUUID } from "node:crypto";
import type { OtherGroup } from "./share";

/** This process, to the other members of its groups. */
export const thisProcess = randomUUID();

/** Groups are told by the hundred at most: brokers limit how long a member may talk. */
const maxTold = 200;

const carried = new Set<CarriedGroup>();

/** What this process carries of one group. Exists from before it joins, so that the other groups know of it when they are shared out. */
export class CarriedGroup {
  /** Of its topic; 0 while not known. */
  partitions = 0;
  #owned: readonly number[] = [];
  #since = 0;
  #joined = false;

  constructor(readonly group: string) {
    carried.add(this);
  }

  /** What it had last; kept while it joins again. */
  get owned(): readonly number[] {
    return this.#owned;
  }

  /** Since when it has that; milliseconds since the epoch. */
  get since(): number {
    return this.#since;
  }

  take(partitions: readonly number[]): void {
    this.#owned = [...partitions];
    this.#since = Date.now();
    this.#joined = true;
  }

  /** It joins again, or is cut off. */
  yield(): void {
    this.#joined = false;
  }

  /** It is in the group no more. */
  leave(): void {
    carried.delete(this);
  }

  /** The other groups of this process. */
  others(): OtherGroup[] {
    return [...carried]
      .filter(({ group }) => group !== this.group)
      .slice(0, maxTold)
      .map((other) => ({
        group: other.group,
        partitions: other.partitions,
        lanes: other.#joined ? other.#owned.length : null,
      }));
  }
}
