import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchKafka } from "../../scripts/services/kafka.mjs";

/** What stands in a topic as Kafka's own client sees it: committed records, their checksums verified, each partition in its order. */
export async function readWithJava(brokers: string, topic: string): Promise<{ key: string; value: string }[]> {
  const args = [
    ...["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", join(await fetchKafka(), "*")],
    "org.apache.kafka.tools.consumer.ConsoleConsumer",
    ...["--bootstrap-server", brokers, "--topic", topic, "--from-beginning", "--isolation-level", "read_committed"],
    ...["--timeout-ms", "4000", "--formatter-property", "print.key=true"],
  ];
  const { stdout } = await promisify(execFile)("java", args, { maxBuffer: 1024 * 1024 * 1024, timeout: 90_000 });
  return stdout
    .split("\n")
    .filter((line) => line.includes("\t"))
    .map((line) => ({ key: line.slice(0, line.indexOf("\t")), value: line.slice(line.indexOf("\t") + 1) }));
}
