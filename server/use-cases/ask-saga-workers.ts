import "server-only";
import type { Answer, PersonEvent, SagaActOutcome } from "@/flow/control";
import type { Cause } from "@/flow/verdict";
import type { SagaActed, SagaStatus } from "../saga-views";
import { askOneOf } from "../worker-client";
import { findRunners } from "./find-runners";

/** So many sagas are asked about at once: each is a write or two, and an answer is waited for. */
const sagasAtOnce = 100;

/** Has events told to sagas of a flow by a worker that runs it; one answer a saga, in their order. */
export async function askSagaWorkers(
  environment: string,
  flow: { id: string; name: string },
  events: ReadonlyMap<string, readonly PersonEvent[]>,
): Promise<SagaActed[]> {
  const sagas = [...events];
  const acted: SagaActed[] = [];
  for (let from = 0; from < sagas.length; from += sagasAtOnce) {
    acted.push(...(await askAboutSome(environment, flow, sagas.slice(from, from + sagasAtOnce))));
  }
  return acted;
}

async function askAboutSome(
  environment: string,
  flow: { id: string; name: string },
  sagas: readonly (readonly [string, readonly PersonEvent[]])[],
): Promise<SagaActed[]> {
  const acts = sagas.flatMap(([saga, events]) => events.map((event) => ({ saga, event })));
  const answer = await askRunners(environment, flow, acts);
  if (!answer.ok) return sagas.map(([id]) => refuse(id, answer.cause));
  const outcomes = [...answer.answer.outcomes];
  return sagas.map(([id, events]) => {
    const own = outcomes.splice(0, events.length);
    const last = own.findLast((outcome) => outcome.ok);
    if (!last) return refuse(id, findCause(own));
    const nodes = events.flatMap((event, index) => ("node" in event && own[index]?.ok ? [event.node] : []));
    return { id, ok: true, status: last.status as SagaStatus, nodes };
  });
}

/** Whichever worker runs the flow can act; one that does not yet, or no more, says so, and the next is asked. */
async function askRunners(
  environment: string,
  flow: { id: string; name: string },
  acts: { saga: string; event: PersonEvent }[],
): Promise<Answer<"saga-act">> {
  for (const runner of await findRunners(environment, flow.id)) {
    const answer = await askOneOf([runner], "saga-act", { flowId: flow.id, acts }).catch(() => null);
    if (answer && (answer.ok || answer.cause.code !== "flow-not-running")) return answer;
  }
  const message = `No worker runs “${flow.name}”, so nobody can act on its sagas. Start it, then act.`;
  return { ok: false, cause: { code: "flow-not-running", message } };
}

function findCause(outcomes: readonly SagaActOutcome[]): Cause {
  for (const outcome of outcomes) if (!outcome.ok) return outcome.cause;
  const message = "The worker did not say what became of it. Look at the saga, then try again.";
  return { code: "worker-failed", message };
}

function refuse(id: string, { code, message }: Cause): SagaActed {
  return { id, ok: false, code, message };
}
