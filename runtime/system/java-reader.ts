import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchKafka } from "../../scripts/services/kafka.mjs";

export interface JavaRecord {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
}

/**
 * What stands in a topic as Kafka's own client sees it: committed records, their checksums verified, each partition in its order.
 * kafkajs is no witness for transactions: it hands over records of some that were aborted.
 */
export async function readWithJava(brokers: string, topic: string): Promise<JavaRecord[]> {
  const args = [
    ...["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", join(await fetchKafka(), "*")],
    "org.apache.kafka.tools.consumer.ConsoleConsumer",
    ...["--bootstrap-server", brokers, "--topic", topic, "--from-beginning", "--isolation-level", "read_committed"],
    ...["--timeout-ms", "5000", "--formatter-property", "print.key=true"],
    ...["--formatter-property", "print.partition=true"],
  ];
  const { stdout } = await promisify(execFile)("java", args, { maxBuffer: 1024 * 1024 * 1024, timeout: 90_000 });
  return stdout.split("\n").flatMap((line): JavaRecord[] => {
    const found = /^Partition:(\d+)\t([^\t]*)\t(.*)$/.exec(line);
    return found ? [{ partition: Number(found[1]), key: found[2]!, value: found[3]! }] : [];
  });
}
