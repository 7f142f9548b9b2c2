import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";
import type { SeenMessage } from "../../../flow/control";
import { sleep } from "../../backoff";
import { TransportError } from "../../transport";
import { toSeen } from "../plain";
import { beforeAll, formatMessageId, readMessageId } from "./message-id";
import { readHeaders, readKey, readValue } from "./properties";
import type { MessageId, PulsarClient, ReceivedMessage } from "./seam";
import { formatTopic, partitionOf } from "./topic";

/** It answers with what it has by then. */
const newestTimeoutMs = 1_000;

interface Wanted {
  readonly place: string;
  readonly limit: number;
  readonly maxBytes: number;
}

/** The newest messages of a topic, by a reader for each partition that begins just before its end. Newest first. */
export async function readNewest(client: PulsarClient, topic: PulsarTopic, wanted: Wanted): Promise<SeenMessage[]> {
  const partitions = await client.admin.partitions(topic);
  if (partitions === undefined) {
    const message = `The topic ${formatTopic(topic)} does not exist on Pulsar at ${client.address}.`;
    throw new TransportError({ code: "topic-missing", message });
  }
  const all = partitions === 0 ? [null] : Array.from({ length: partitions }, (_, index) => index);
  const found = await Promise.all(all.map((partition) => readPartition(client, topic, partition, wanted)));
  return found
    .flat()
    .sort((a, b) => b.timestamp - a.timestamp || comparePositions(b.position, a.position))
    .slice(0, wanted.limit);
}

async function readPartition(
  client: PulsarClient,
  topic: PulsarTopic,
  partition: number | null,
  { place, limit, maxBytes }: Wanted,
): Promise<SeenMessage[]> {
  const one = partitionOf(topic, partition);
  const ledgers = (await client.admin.ledgers(one)).filter(({ entries }) => entries > 0);
  const last = ledgers.at(-1);
  if (last === undefined) return [];
  const lane = partition === null ? place : `${place}-partition-${partition}`;
  const seen: SeenMessage[] = [];
  const end = new AbortController();
  const read = (message: ReceivedMessage) => {
    const id = readMessageId(message.messageId);
    const { properties } = message;
    const parts = {
      key: readKey(message),
      value: readValue(message),
      headers: readHeaders({ ...message, properties }),
    };
    const at = { lane, position: formatMessageId(id) };
    seen.push(toSeen({ ...parts, timestamp: Date.parse(message.publishTime) }, at, maxBytes));
    if (id.ledger === last.ledger && id.entry >= BigInt(last.entries - 1)) end.abort();
  };
  const reader = await client.openReader(one, findStart(ledgers, limit, partition ?? -1), {
    received: read,
    closed: () => end.abort(),
  });
  await sleep(newestTimeoutMs, end.signal);
  void reader.close();
  return seen.slice(-limit);
}

/** Behind which entry the last `limit` stand. */
function findStart(
  ledgers: readonly { ledger: bigint; entries: number }[],
  limit: number,
  partition: number,
): MessageId {
  let missing = limit;
  for (const { ledger, entries } of [...ledgers].reverse()) {
    if (entries > missing) return { ledger, entry: BigInt(entries - missing - 1), partition };
    missing -= entries;
  }
  return beforeAll;
}

function comparePositions(a: string, b: string): number {
  const [one, other] = [a, b].map((position) => position.split(":").map(Number));
  for (let index = 0; index < 4; index++) {
    const difference = (one?.[index] ?? 0) - (other?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
