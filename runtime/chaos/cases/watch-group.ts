import { Kafka, logLevel } from "kafkajs";

/** A consumer group as its broker sees it: tells a rebalance by its state and by who its members are. */
export async function watchGroup(brokers: string, groupId: string) {
  const admin = new Kafka({ clientId: "watch", brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  let known: string | null = null;
  let rebalances = 0;
  return {
    /** Looks once. A rebalance shorter than the pause between two looks is seen by its new members only. */
    async look(): Promise<void> {
      const { groups } = await admin.describeGroups([groupId]);
      const [group] = groups;
      const seen = `${group?.state} ${group?.members.map(({ memberId }) => memberId).sort()}`;
      if (known !== null && seen !== known) rebalances++;
      known = seen;
    },
    get rebalances() {
      return rebalances;
    },
    close: () => admin.disconnect(),
  };
}
