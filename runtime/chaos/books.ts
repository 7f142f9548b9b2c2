/** What must be at a sink and what is: pure, so that a test can show that it fails. */

/** One message that must be at the sink. */
export interface Wanted {
  readonly id: string;
  /** Messages of one key must arrive in the order of the list. */
  readonly key: string;
  /** How often it may be there without counting as doubled: as often as it was sent. */
  readonly atMost: number;
}

/** One message that is at the sink, in the order in which its lane (a partition, a queue) holds it. */
export interface Arrived {
  readonly id: string;
  readonly key: string;
  readonly lane: string;
}

/** What the flow claims at a sink. */
export interface Claim {
  /** Doubled at most this often; 0 where once is claimed. */
  readonly duplicates: number;
  /** Does it keep the order of a key? */
  readonly ordered: boolean;
}

export interface Findings {
  readonly wanted: number;
  readonly arrived: number;
  /** Ids that are not there. */
  readonly lost: readonly string[];
  /** How many arrivals are beyond what was sent. */
  readonly doubled: number;
  /** Some ids of them. */
  readonly doubledIds: readonly string[];
  /** Arrivals that nobody sent, or whose content or key is not what the flow makes of it. */
  readonly foreign: readonly string[];
  /** First deliveries that came after one that should follow them, and keys found in two lanes. */
  readonly disordered: readonly string[];
}

const idsKept = 50;

export function compareBooks(wanted: readonly Wanted[], arrived: readonly Arrived[]): Findings {
  const places = new Map(wanted.map((each, place) => [each.id, { ...each, place, times: 0 }]));
  const newestOfKey = new Map<string, { place: number; id: string }>();
  const laneOfKey = new Map<string, string>();
  const [foreign, disordered, doubledIds]: [string[], string[], string[]] = [[], [], []];
  let doubled = 0;
  for (const { id, key, lane } of arrived) {
    const entry = places.get(id);
    if (!entry || entry.key !== key) {
      foreign.push(`${id} with key ${key}`);
      continue;
    }
    const home = laneOfKey.get(key);
    if (home === undefined) laneOfKey.set(key, lane);
    else if (home !== lane) disordered.push(`${id}: key ${key} in ${lane} and in ${home}`);
    entry.times++;
    if (entry.times > entry.atMost) {
      doubled++;
      if (doubledIds.length < idsKept) doubledIds.push(id);
    }
    // Only a first delivery has a place to keep: what is repeated after a crash comes later again.
    if (entry.times > 1) continue;
    const newest = newestOfKey.get(key);
    if (newest && newest.place > entry.place) disordered.push(`${id} after ${newest.id}, key ${key}`);
    else newestOfKey.set(key, { place: entry.place, id });
  }
  const lost = [...places.values()].filter(({ times }) => times === 0).map(({ id }) => id);
  return { wanted: wanted.length, arrived: arrived.length, lost, doubled, doubledIds, foreign, disordered };
}

/** What is wrong at a sink, in words; empty when the claim holds. */
export function judge(sink: string, findings: Findings, claim: Claim): string[] {
  const { lost, doubled, doubledIds, foreign, disordered } = findings;
  const wrong: string[] = [];
  if (lost.length > 0) wrong.push(`${sink}: ${lost.length} lost (${some(lost)})`);
  if (foreign.length > 0) wrong.push(`${sink}: ${foreign.length} that nobody sent (${some(foreign)})`);
  if (doubled > claim.duplicates)
    wrong.push(`${sink}: ${doubled} doubled where at most ${claim.duplicates} may be (${some(doubledIds)})`);
  if (claim.ordered && disordered.length > 0)
    wrong.push(`${sink}: ${disordered.length} out of order (${some(disordered)})`);
  return wrong;
}

function some(list: readonly string[]): string {
  const shown = list.slice(0, 5).join(", ");
  return list.length > 5 ? `${shown}, …` : shown;
}
