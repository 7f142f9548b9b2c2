import type { TopicKeeping } from "../../../flow/connections/kafka-keeping";
import type { KafkaBroker } from "./client";

const topicResource = 2;
const settings = [
  "min.insync.replicas",
  "retention.ms",
  "retention.bytes",
  "cleanup.policy",
  "unclean.leader.election.enable",
];

/** What topics keep, by name. A cluster that does not let us ask still tells how many replicas there are. */
export async function readKeeping(
  broker: KafkaBroker,
  topics: readonly { readonly topic: string; readonly brokers: number; readonly replication: number }[],
): Promise<Map<string, TopicKeeping>> {
  const told = await askSettings(
    broker,
    topics.map(({ topic }) => topic),
  );
  return new Map(
    topics.map(({ topic, brokers, replication }) => [
      topic,
      { brokers, replication, ...toKeeping(told.get(topic) ?? new Map()) },
    ]),
  );
}

async function askSettings(broker: KafkaBroker, names: readonly string[]): Promise<Map<string, Map<string, string>>> {
  if (names.length === 0) return new Map();
  try {
    const { resources } = await broker.describeConfigs({
      resources: names.map((name) => ({ type: topicResource, name, configNames: settings })),
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  } catch {
    // Needs a right of its own (DescribeConfigs), and nothing depends on the answer.
    return new Map();
  }
}

function toKeeping(values: ReadonlyMap<string, string>): Omit<TopicKeeping, "brokers" | "replication"> {
  const number = (name: string) => {
    const value = values.get(name);
    return value === undefined || value === "" || !Number.isFinite(Number(value)) ? undefined : Number(value);
  };
  const minInSync = number("min.insync.replicas");
  const retentionMs = number("retention.ms");
  const retentionBytes = number("retention.bytes");
  return {
    ...(minInSync === undefined ? {} : { minInSync }),
    ...(retentionMs === undefined ? {} : { retentionMs }),
    ...(retentionBytes === undefined ? {} : { retentionBytes }),
    ...(values.get("cleanup.policy")?.includes("compact") ? { compacted: true } : {}),
    ...(values.get("unclean.leader.election.enable") === "true" ? { uncleanLeaders: true } : {}),
  };
}
