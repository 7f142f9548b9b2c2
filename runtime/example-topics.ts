import type { FlowDocument } from "../flow/document";
import type { PrismaClient } from "../prisma/generated/client";
import { sleep } from "./backoff";
import type { Connections } from "./connections";
import { describeError, type Log } from "./log";

const connection = "kafka";
const partitions = 4;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

/**
 * Makes the topics of the examples as soon as Kafka answers, so that an example deploys at the first click. Only for examples that nobody
 * has changed, and only topics that are not there. Returns what ends the trying.
 */
export function tendExampleTopics(prisma: PrismaClient, connections: Connections, log: Log): () => void {
  const ended = new AbortController();
  void (async () => {
    for (let pauseMs = firstPauseMs; !ended.signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      await sleep(pauseMs, ended.signal);
      if (ended.signal.aborted || !connections.loaded) continue;
      // Without a broker there is nobody to ask; a later start finds one.
      if (!connections.config(connection)?.brokers && !connections.environment.kafkaBrokers) return;
      try {
        const flows = await prisma.flow.findMany({ where: { example: { not: null }, revision: 1 } });
        const topics = listTopics(flows.map((flow) => flow.draft as unknown as FlowDocument));
        const created = await createTopics(connections, topics);
        if (created.length > 0) log.info({ topics: created.join(", ") }, "topics of the examples created");
        return;
      } catch (error) {
        log.debug(describeError(error), "topics of the examples could not be created yet");
      }
    }
  })();
  return () => ended.abort();
}

/** Topics that the flows name on the shipped connection, each once; those made by a template are known only when messages flow. */
export function listTopics(documents: readonly FlowDocument[]): string[] {
  const topics = documents
    .flatMap((document) => document.nodes)
    .filter((node) => node.kind.startsWith("kafka-") && node.config.connection === connection)
    .map((node) => node.config.topic)
    .filter((topic): topic is string => typeof topic === "string" && topic !== "" && !topic.includes("${"));
  return [...new Set(topics)];
}

async function createTopics(connections: Connections, topics: readonly string[]): Promise<string[]> {
  if (topics.length === 0) return [];
  return connections.use({ name: connection }, async (transport) => {
    const created: string[] = [];
    const there = new Set((await transport.describe(topics)).map((place) => place.name));
    for (const topic of topics) {
      if (there.has(topic)) continue;
      const answer = await transport.createPlace?.("topic", topic, { partitions });
      if (answer?.created) created.push(topic);
    }
    return created;
  });
}
