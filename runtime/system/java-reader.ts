import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchKafka } from "../../scripts/services/kafka.mjs";

export interface JavaRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
}

/**
 * What stands in a topic as Kafka's own client sees it: committed records, their checksums verified, each partition in its order.
 * kafkajs is no witness for transactions: it hands over records of some that were aborted. The reader is in a group of its own, and
 * reads again what it had when that is rebalanced: a record counts once for its offset.
 */
export async function readWithJava(brokers: string, topic: string): Promise<JavaRecord[]> {
  const args = [
    ...["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", join(await fetchKafka(), "*")],
    "org.apache.kafka.tools.consumer.ConsoleConsumer",
    ...["--bootstrap-server", brokers, "--topic", topic, "--from-beginning", "--isolation-level", "read_committed"],
    ...["--timeout-ms", "5000", "--formatter-property", "print.key=true"],
    ...["--formatter-property", "print.partition=true", "--formatter-property", "print.offset=true"],
  ];
  const { stdout } = await promisify(execFile)("java", args, { maxBuffer: 1024 * 1024 * 1024, timeout: 90_000 });
  const records = new Map<string, JavaRecord>();
  for (const line of stdout.split("\n")) {
    const [, partition, offset, key, value] = /^Partition:(\d+)\tOffset:(\d+)\t([^\t]*)\t(.*)$/.exec(line) ?? [];
    if (value === undefined) continue;
    const record = { partition: Number(partition), offset: Number(offset), key: key!, value };
    records.set(`${partition}/${offset}`, record);
  }
  return [...records.values()].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
