import { jsonCodec } from "../../flow/codecs/json";
import { openKafka } from "../../runtime/transports/kafka";
import { TransactionalCopy } from "../../runtime/transports/transactional-copy";
import type { Hand } from "./hand";

/** Copies a topic on Millrace's own transactions, as a lane of a flow does, without a flow around it. */
export async function copyInTransactions(hand: Hand, from: string, to: string): Promise<void> {
  const transport = openKafka({
    name: "by-hand",
    config: { brokers: hand.brokers.join(",") },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
  const copy = new TransactionalCopy(transport.port, to);
  copy.source = await transport.port.consume(
    {
      node: "in",
      topic: from,
      groupId: `by-hand-${from}-${Math.random().toString(36).slice(2)}`,
      fallback: "earliest",
      start: { from: "kind" },
      onGap: "halt",
      codec: jsonCodec,
      delivery: "exactly-once",
      signal: new AbortController().signal,
    },
    copy,
  );
  hand.onStop(async () => {
    await copy.stop();
    await transport.close();
  });
}
