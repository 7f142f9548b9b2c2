import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";
import type { PulsarAdmin } from "./seam";
import type { ConsumeOptions } from "./source";

/**
 * Makes the subscription on every partition before anything is consumed: one that is only made when a consumer comes would, from `latest`
 * on, skip what arrives while none is there. Where it is already it stays as it is; partitions that do not have it appeared later, and begin
 * at the earliest.
 */
export async function pinStart(
  admin: PulsarAdmin,
  topic: PulsarTopic,
  partitions: readonly PulsarTopic[],
  { subscription, start, fallback }: Pick<ConsumeOptions, "subscription" | "start" | "fallback">,
): Promise<void> {
  const known = await Promise.all(partitions.map((each) => admin.subscriptions(each)));
  const lacking = partitions.filter((_, index) => !known[index]!.includes(subscription));
  if (lacking.length === 0) return;
  if (lacking.length < partitions.length) {
    await Promise.all(lacking.map((each) => admin.createSubscription(each, subscription, "earliest")));
    return;
  }
  const from = start.from === "kind" ? fallback : start.from;
  const made = await admin.createSubscription(topic, subscription, from === "latest" ? "latest" : "earliest");
  if (made && start.from === "time") await admin.seek(topic, subscription, start.at);
}
