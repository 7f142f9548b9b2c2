/** Which specs go side by side, each lane through an app of its own. */

/** They take the examples from one state to the next, and these write to topics that have no other name in another app. */
const walk = /^0[1-7]-/;

/** Seconds that a spec takes. One without a record counts as long as the others on average. */
const lengths: Record<string, number> = {
  "01-walk": 50,
  "02-draw": 65,
  "03-break": 95,
  "03-redrive": 30,
  "04-cases-shell": 13,
  "04-command-line": 75,
  "05-look": 210,
  "06-pictures": 0,
  "07-metrics": 1,
  "07-guarantee": 12,
  "08-parked": 36,
  "08-workers": 15,
  "09-saga-deploys": 17,
  "09-saga-shell": 60,
  "09-sagas": 80,
  "09-sagas-draw": 40,
  "10-request": 19,
  "11-arrange": 26,
  "11-data": 17,
  "11-hands": 40,
  "11-newcomer": 16,
  "11-tests": 43,
  "11-versions": 27,
  "12-large": 22,
  "13-find": 40,
  "13-heavy": 66,
  "13-letters": 72,
  "13-people": 25,
  "13-recording": 25,
  "13-resend": 20,
  "13-run": 37,
  "14-brokers": 64,
};

const known = Object.values(lengths);
const average = known.reduce((sum, length) => sum + length, 0) / known.length;

export function lengthOf(spec: string): number {
  return lengths[spec.replace(".spec.ts", "")] ?? average;
}

/** Divides specs so that all lanes end at about the same time; the walk is the first lane's. */
export function divide(specs: readonly string[], lanes: number): string[][] {
  const divided = Array.from({ length: lanes }, () => ({ specs: [] as string[], length: 0 }));
  const isWalk = (spec: string) => walk.test(spec);
  const longestFirst = specs.toSorted((a, b) => Number(isWalk(b)) - Number(isWalk(a)) || lengthOf(b) - lengthOf(a));
  for (const spec of longestFirst) {
    const lane = isWalk(spec) ? divided[0]! : divided.reduce((a, b) => (b.length < a.length ? b : a));
    lane.specs.push(spec);
    lane.length += lengthOf(spec);
  }
  return divided.map((lane) => lane.specs);
}
