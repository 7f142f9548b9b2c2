import { expect } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import type { Verdict } from "../../flow/verdict";
import { openKafka } from "../transports/kafka";
import { TransactionalCopy } from "../transports/transactional-copy";
import { type JavaRecord, readWithJava } from "./java-reader";
import { startLoad } from "./load";
import { waitUntil } from "./rig";
import { createTopics, type Scenario, scenarioOf } from "./scenario";
import type { Outsider } from "./topics";

/** A topic that is fed and copied to another in transactions, by two members of a group, while something else goes on. */
export interface TransactionalLoad {
  readonly scenario: Scenario;
  /** Writes into one of its transactions by a connection to other brokers. */
  writeBy(brokers: string): Promise<Verdict[]>;
  /** Ends the load and waits until all of it is copied. */
  end(): Promise<void>;
  /** Everything that was fed stands in the copy as often as it was fed (which may be twice), in the order of its key. */
  audit(): Promise<{ copied: number; aborted: number; failures: Record<string, number> }>;
  close(): Promise<void>;
}

export async function startTransactionalLoad(
  brokers: string,
  feeder: Outsider,
  name: string,
  perSecond: number,
): Promise<TransactionalLoad> {
  const scenario = scenarioOf(name);
  await createTopics(feeder, scenario);
  const members = await Promise.all([1, 2].map(() => openMember(brokers, scenario)));
  const load = startLoad(feeder, scenario, perSecond);
  const sum = (of: (copy: TransactionalCopy) => number) => members.reduce((total, { copy }) => total + of(copy), 0);
  const failures = () => {
    const counts: Record<string, number> = {};
    for (const { copy } of members) for (const code of copy.failures) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  };

  return {
    scenario,
    async writeBy(others) {
      const transport = openTransport(others);
      const { copy } = members[0]!;
      const verdicts = await new Promise<Verdict[]>((resolve) => {
        copy.beforeCommit = async (_lane, transaction) => {
          copy.beforeCommit = () => {};
          const record = { topic: scenario.topicOut, key: null, value: null, headers: [] };
          resolve(await transport.port.produce([record], new AbortController().signal, transaction));
        };
      });
      await transport.close();
      return verdicts;
    },
    async end() {
      await load.end();
      // By the group's positions: a member whose lane is taken away in the middle of a commit never hears what became of it.
      const behind = async () => {
        const committed = await feeder.committed(groupOf(scenario), scenario.topicIn);
        return (await feeder.ends(scenario.topicIn)).map(
          (end, partition) => end - Math.max(0, committed[partition] ?? 0),
        );
      };
      await waitUntil(
        "everything to be copied",
        async () => (await behind()).every((messages) => messages === 0),
        60_000,
        async () => {
          const states = members.map(({ copy }) => ({ lanes: copy.lanes, states: copy.states.slice(-3) }));
          return JSON.stringify({ behind: await behind(), failures: failures(), members: states });
        },
      );
    },
    async audit() {
      const [fed, copied] = [
        await readWithJava(brokers, scenario.topicIn),
        await readWithJava(brokers, scenario.topicOut),
      ];
      expect(fed.length).toBeGreaterThan(0);
      const where = `copied twice or never, by partition and offset: ${JSON.stringify(findOdd(fed, copied).slice(0, 20))}; ${JSON.stringify(failures())}`;
      expect(copied.length, where).toBe(fed.length);
      const [fedByKey, copiedByKey] = [groupByKey(fed), groupByKey(copied)];
      for (const [key, values] of fedByKey) expect(copiedByKey.get(key)).toEqual(values);
      return { copied: copied.length, aborted: sum((copy) => copy.aborted), failures: failures() };
    },
    async close() {
      for (const { copy, transport } of members) {
        await copy.stop();
        await transport.close();
      }
    },
  };
}

function openTransport(brokers: string) {
  return openKafka({
    name: "kafka",
    config: { brokers },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
}

function groupOf({ topicIn }: Scenario): string {
  return `copy-${topicIn}`;
}

async function openMember(brokers: string, scenario: Scenario) {
  const { topicIn, topicOut } = scenario;
  const transport = openTransport(brokers);
  const copy = new TransactionalCopy(transport.port, topicOut);
  copy.source = await transport.port.consume(
    {
      node: "in",
      topic: topicIn,
      groupId: groupOf(scenario),
      fallback: "earliest",
      start: { from: "kind" },
      onGap: "halt",
      delivery: "exactly-once",
      codec: jsonCodec,
      signal: new AbortController().signal,
    },
    copy,
  );
  return { transport, copy };
}

/** Records of the copy beyond as many as were fed, and of what was fed those that the copy lacks. */
function findOdd(fed: readonly JavaRecord[], copied: readonly JavaRecord[]): string[] {
  const left = new Map<string, JavaRecord[]>();
  for (const record of fed) left.set(record.value, [...(left.get(record.value) ?? []), record]);
  const name = ({ partition, offset }: JavaRecord) => `${partition}/${offset}`;
  const extra = copied.filter(({ value }) => left.get(value)?.shift() === undefined).map((each) => `+${name(each)}`);
  return [...extra, ...[...left.values()].flat().map((each) => `-${name(each)}`)];
}

function groupByKey(records: readonly { key: string; value: string }[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { key, value } of records) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
