import { randomUUID } from "node:crypto";
import { sleep } from "../../backoff";
import { TransportError } from "../../transport";
import { within } from "../within";
import type { RabbitLink } from "./link";

const answerTimeoutMs = 3_000;
const lookMs = 20;

/** @throws TransportError when the broker takes no messages, as far as this connection was told. */
export function refuseBlocked({ blocked, address }: RabbitLink): void {
  if (blocked === undefined) return;
  throw new TransportError({ code: "broker-blocked", message: describeBlocked(blocked, address.shown) });
}

/** `blocked`: RabbitMQ's own words, `low on memory`. */
export function describeBlocked(blocked: string, shown: string): string {
  return `RabbitMQ at ${shown} takes no messages: it is ${blocked}. It goes on by itself when it has room again.`;
}

/**
 * A broker tells of its alarm to a connection that has published something, and to no other: what is published here has no queue to go to,
 * and is dropped. Afterwards the link knows.
 */
export async function askForAlarm(link: RabbitLink): Promise<void> {
  const channel = await link.channel();
  try {
    await within(channel.confirmSelect(), answerTimeoutMs);
    const envelope = { exchange: "", routingKey: `millrace.nobody.${randomUUID()}` };
    let isOver = false;
    // A user who may not publish there is told so; that is no alarm.
    channel
      .basicPublish(envelope, Buffer.alloc(0))
      .catch(() => {})
      .finally(() => {
        isOver = true;
      });
    for (const end = performance.now() + answerTimeoutMs; performance.now() < end; await sleep(lookMs))
      if (isOver || link.blocked !== undefined) return;
  } finally {
    void within(channel.close(), answerTimeoutMs).catch(() => {});
  }
}
