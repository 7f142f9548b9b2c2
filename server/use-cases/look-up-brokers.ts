import "server-only";
import type { KnownPlaces } from "@/flow/check-places";
import { findConnectionKind, findPlaceKind } from "@/flow/connection-catalog";
import type { FlowDocument } from "@/flow/document";
import type { ConnectionKeeping, KeepingFacts } from "@/flow/durability";
import { listPlaces } from "@/flow/flow-places";
import { listMembers } from "@/flow/members";
import type { PlaceType } from "@/flow/place";
import { askWorker, findLivingWorkers } from "../worker-client";

/** A broker that takes longer counts as away: nobody waits for it to deploy. */
const brokerTimeoutMs = 4_000;

export interface BrokerLook {
  /** Places that exist, by connection. */
  places: Record<string, KnownPlaces>;
  /** What the brokers keep, as far as they say. */
  facts: KeepingFacts;
  /** Places were to be looked up, and could not. */
  unchecked: boolean;
}

interface Connection {
  readonly name: string;
  readonly kind: string;
}

/** Asks a worker about the places that a drawing names: which of those that must be there exist, and what is kept where. */
export async function lookUpBrokers(
  environment: string,
  flow: FlowDocument,
  connections: readonly Connection[],
): Promise<BrokerLook> {
  const named = listNamed(flow, connections);
  const { holding } = flow.settings ?? {};
  const resting = new Set([...listMembers(flow).values()].map(({ semantics }) => semantics.place?.connection));
  if (holding) resting.add(holding.connection);
  const asks = connections.flatMap(({ name, kind }) => {
    const toldBy = findConnectionKind(kind)?.keepingToldBy ?? [];
    const own = named.filter((each) => each.connection === name);
    const asked = own.filter(({ type }) => toldBy.includes("places") || findPlaceKind(kind, type)?.mustExist);
    const names = [...new Set(asked.map((each) => each.name))].slice(0, 200);
    const tells = toldBy.includes("server") && resting.has(name);
    return names.length > 0 || tells ? [{ name, kind, names }] : [];
  });
  if (asks.length === 0) return { places: {}, facts: {}, unchecked: false };
  if ((await findLivingWorkers(environment)).length === 0) {
    return { places: {}, facts: {}, unchecked: asks.some(({ names }) => names.length > 0) };
  }
  const places: BrokerLook["places"] = {};
  const facts: Record<string, ConnectionKeeping> = {};
  const answers = await Promise.all(
    asks.map(async ({ name, kind, names }) => {
      const question = { connection: { name }, places: names };
      const answer = await askWorker(environment, "connection-describe", question, brokerTimeoutMs).catch(() => null);
      if (answer?.ok) facts[name] = readKeeping(kind, answer.answer);
      // Where no place must be there, nothing about them is checked.
      if (names.length === 0) return true;
      if (answer === null) return false;
      places[name] = answer.ok ? answer.answer.places : "unreachable";
      return answer.ok;
    }),
  );
  return { places, facts, unchecked: answers.includes(false) };
}

/** The places that nodes name, and the one where dead letters go. */
function listNamed(
  flow: FlowDocument,
  connections: readonly Connection[],
): { readonly connection: string; readonly type: PlaceType; readonly name: string }[] {
  const { deadLetters } = flow.settings ?? {};
  const kind = connections.find(({ name }) => name === deadLetters?.connection)?.kind;
  const type = findConnectionKind(kind ?? "")?.deadLettersTo;
  const letters = deadLetters && type ? [{ connection: deadLetters.connection, type, name: deadLetters.to }] : [];
  return [...listPlaces(flow), ...letters];
}

function readKeeping(
  kind: string,
  {
    places,
    server,
  }: { readonly places: readonly { type: PlaceType; name: string; keeps?: unknown }[]; server?: unknown },
): ConnectionKeeping {
  const told: { [Type in PlaceType]?: Record<string, unknown> } = {};
  for (const { type, name, keeps } of places) {
    if (keeps !== undefined) told[type] = { ...told[type], [name]: keeps };
  }
  return {
    kind,
    ...(Object.keys(told).length > 0 ? { places: told } : {}),
    ...(server === undefined ? {} : { server }),
  };
}
