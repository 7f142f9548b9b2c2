import "server-only";
import type { FlowDocument } from "@/flow/document";
import type { ConnectionKeeping, KeepingFacts } from "@/flow/durability";
import { listPlaces } from "@/flow/flow-places";
import { listMembers } from "@/flow/members";
import { askWorker, findLivingWorkers } from "../worker-client";

/** A broker that takes longer counts as away: nobody waits for it to deploy. */
const brokerTimeoutMs = 4_000;

export interface BrokerLook {
  /** Topics that exist, by connection. */
  places: Record<string, string[] | "unreachable">;
  /** What the brokers keep, as far as they say. */
  facts: KeepingFacts;
  /** Topics were to be looked up, and could not. */
  unchecked: boolean;
}

/** Asks a worker about the topics and queues that a drawing names: which topics exist, and what is kept where. */
export async function lookUpBrokers(
  environment: string,
  flow: FlowDocument,
  connections: readonly { name: string; kind: string }[],
): Promise<BrokerLook> {
  const { deadLetters } = flow.settings ?? {};
  const named: { type: string; connection: string; name: string }[] = [
    ...listPlaces(flow),
    // A topic where its connection is Kafka; of queues nothing is asked.
    ...(deadLetters ? [{ type: "topic", connection: deadLetters.connection, name: deadLetters.to }] : []),
  ];
  const resting = new Set([...listMembers(flow).values()].map(({ semantics }) => semantics.place?.connection));
  const topicsOf = (connection: string) =>
    new Set(named.filter((each) => each.type === "topic" && each.connection === connection).map(({ name }) => name));
  const isNeeded = ({ name, kind }: { name: string; kind: string }) => kind === "kafka" && topicsOf(name).size > 0;
  const relevant = connections.filter((each) => isNeeded(each) || (each.kind === "queue" && resting.has(each.name)));
  if (relevant.length === 0) return { places: {}, facts: {}, unchecked: false };
  if ((await findLivingWorkers(environment)).length === 0) {
    return { places: {}, facts: {}, unchecked: relevant.some(isNeeded) };
  }
  const places: BrokerLook["places"] = {};
  const facts: Record<string, ConnectionKeeping> = {};
  const answers = await Promise.all(
    relevant.map(async ({ name, kind }) => {
      const question = { connection: { name }, places: [...topicsOf(name)].slice(0, 200) };
      const answer = await askWorker(environment, "connection-describe", question, brokerTimeoutMs).catch(() => null);
      if (answer?.ok) {
        const topics = answer.answer.places.flatMap((place) =>
          place.keeps ? [[place.name, place.keeps] as const] : [],
        );
        facts[name] = {
          ...(topics.length > 0 ? { topics: Object.fromEntries(topics) } : {}),
          ...(answer.answer.queues ? { queues: answer.answer.queues } : {}),
        };
      }
      // Queues are made with their first job: nothing about them is checked.
      if (kind === "queue") return true;
      if (answer === null) return false;
      places[name] = answer.ok ? answer.answer.places.map((place) => place.name) : "unreachable";
      return answer.ok;
    }),
  );
  return { places, facts, unchecked: answers.includes(false) };
}
