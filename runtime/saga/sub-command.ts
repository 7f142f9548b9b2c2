import type { FlowDocument } from "../../flow/document";
import type { HeldRow } from "../../flow/holding";
import { decodeSaga } from "../../flow/saga/coding";
import { compileSagas } from "../../flow/saga/compile";
import type { SagaRequest } from "../../flow/saga/request";
import type { CommandResult, SagaParent, SagaState } from "../../flow/saga/state";
import { subSagaIdOf } from "../../prisma/held-id";
import type { KeeperHouse, Neighbour } from "../holding/ports";
import { answered, failWith, type Sent } from "./command-way";
import type { CommandOrder } from "./commands";
import type { GroupWriter } from "./group-writer";
import { makeRow } from "./saga-row";
import { makeUnbegun } from "./unbegun";

export type SubRequest = Extract<SagaRequest, { call: "sub" }>;

/** Sagas in sagas go so deep: a circle of flows that start each other ends here. */
const deepest = 8;
/** What was never begun and is undone is remembered for so long, so that a start that comes late is refused. */
const rememberMs = 30 * 24 * 3_600_000;
const triesMost = 10;

/**
 * Sagas of other flows, as steps. One is known by the command of its parent, so that it is begun once however often that is sent, and it is
 * carried out where its own flow runs. Its end wakes its parent (`saga-ends.ts`), which looks here what became of it.
 */
export class SubCommands {
  constructor(
    readonly house: KeeperHouse,
    readonly writer: GroupWriter,
  ) {}

  /** @throws as the store does */
  async send(request: SubRequest, order: CommandOrder): Promise<Sent> {
    return order.command.side === "action" ? this.#begin(request, order) : this.#undo(request, order);
  }

  /**
   * Its parent has turned while it runs: it turns as well, and its end is the outcome. One that is past its pivot goes on to its end.
   * @throws as the store does
   */
  async turnBack(order: CommandOrder): Promise<void> {
    const row = await this.writer.read(this.#idOf(order));
    if (row && decodeSaga(row.content).phase === "forward") await this.#turn(row, order);
  }

  async #begin(request: SubRequest, order: CommandOrder): Promise<Sent> {
    const { saga, command } = order;
    if (saga.depth >= deepest) {
      const message = `Sagas in sagas go ${deepest} deep, and \`${command.node}\` would go deeper. Does the flow ${request.flow} lead back to this one?`;
      return answered(failWith({ code: "saga-too-deep", message }, { final: true, effect: "none" }));
    }
    const id = this.#idOf(order);
    const known = await this.writer.read(id);
    if (known) return judgeSub(known, request.flow);
    const neighbour = this.house.neighbours.find({ name: request.flow });
    if (!neighbour) return answered(notDeployed(request.flow));
    const document = await neighbour.document(neighbour.version);
    const start = findStart(neighbour, document);
    if (typeof start !== "string") return answered(start);
    if (document.settings?.holding?.connection !== order.version.document.settings?.holding?.connection) {
      const message = `The flow ${request.flow} holds its sagas elsewhere than this one. Have both hold in Postgres, or in the Redis of one connection.`;
      return answered(failWith({ code: "saga-flow-missing", message }, { final: true, effect: "none" }));
    }
    const now = this.house.now();
    const state = makeUnbegun(
      {
        id,
        key: request.key,
        body: request.data,
        headers: saga.headers,
        depth: saga.depth + 1,
        parent: this.#parentOf(order),
      },
      now,
    );
    const scope = { environment: this.house.scope.environment, flowId: neighbour.flowId };
    const row = makeRow({ scope, start, version: neighbour.version, state, dueAt: now, expiresAt: null, now });
    await this.writer.write({ write: row });
    neighbour.wake();
    // Whoever came first has begun it: it is the same saga.
    return { is: "sent" };
  }

  /** Cancels it while it runs, compensates it when it is complete; one that was never begun is kept from beginning. */
  async #undo(request: SubRequest, order: CommandOrder): Promise<Sent> {
    const id = this.#idOf(order);
    for (let tries = 0; tries < triesMost; tries++) {
      const row = await this.writer.read(id);
      if (!row) {
        if (await this.#forestall(id, request, order)) return answered({ ok: true, answer: null });
        continue;
      }
      const state = decodeSaga(row.content);
      if (state.outcome === "compensated") return answered({ ok: true, answer: null });
      if (state.phase === "backward") return { is: "sent" };
      const refusal = await this.#turn(row, order);
      if (refusal) return answered(refusal);
    }
    const message = `The saga of the flow ${request.flow} changes all the time, and could not be undone.`;
    return answered(failWith({ code: "saga-busy", message }, { final: false, effect: "maybe" }));
  }

  /** Has it turn, where its flow runs; `undefined`: look how it stands now. */
  async #turn(row: HeldRow, { saga, command }: CommandOrder): Promise<CommandResult | undefined> {
    const neighbour = this.house.neighbours.find({ flowId: row.flowId });
    if (!neighbour) return notDeployed("that it belongs to");
    const reason = `The saga ${saga.key} of the flow ${this.house.flow}, whose step \`${command.node}\` it is, is undone.`;
    const event = { is: "undo", by: `saga ${saga.id}`, reason } as const;
    if (!neighbour.keeper) {
      const message = `The flow ${neighbour.flow} does not run in this worker, so its saga cannot be undone from here. Have both flows run by the same workers.`;
      return failWith({ code: "flow-not-running", message }, { final: false, effect: "maybe" });
    }
    const answer = await neighbour.keeper.act(row.id, event);
    if (answer.done || answer.why === "busy") return undefined;
    if (answer.why === "store-unreachable") throw new Error(answer.words);
    const after = await this.writer.read(row.id);
    if (after && after.revision !== row.revision) return undefined;
    return failWith({ code: "saga-not-undone", message: answer.words }, { final: true, effect: "maybe" });
  }

  async #forestall(id: string, request: SubRequest, order: CommandOrder): Promise<boolean> {
    const { environment, flowId } = this.house.scope;
    const neighbour = this.house.neighbours.find({ name: request.flow });
    const now = this.house.now();
    const { saga, command } = order;
    const init = {
      id,
      key: request.key,
      body: null,
      headers: saga.headers,
      depth: saga.depth + 1,
      parent: this.#parentOf(order),
    };
    const state: SagaState = {
      ...makeUnbegun(init, now),
      phase: "ended",
      outcome: "compensated",
      endedAt: now,
      emitted: true,
    };
    const scope = { environment, flowId: neighbour?.flowId ?? flowId };
    const version = neighbour?.version ?? order.version.version;
    const row = makeRow({ scope, start: command.node, version, state, dueAt: null, expiresAt: now + rememberMs, now });
    return (await this.writer.write({ write: row })) === "written";
  }

  #parentOf({ saga, command }: CommandOrder): SagaParent {
    const { environment, flowId } = this.house.scope;
    return { environment, flowId, saga: saga.id, node: command.node };
  }

  /** The same for an action and its compensation. */
  #idOf({ saga, command }: CommandOrder): string {
    return subSagaIdOf(this.house.scope, command.node, saga.id);
  }
}

/** What became of it, as its parent takes it. */
function judgeSub(row: HeldRow, flow: string): Sent {
  const state = decodeSaga(row.content);
  if (state.phase !== "ended") return { is: "sent" };
  if (state.outcome === "completed") return answered({ ok: true, answer: state.body });
  const why = state.reason ? ` ${state.reason.message}` : "";
  const message = `The saga ${state.key} of the flow ${flow} was undone.${why}`;
  return answered(failWith({ code: "saga-compensated", message }, { final: true, effect: "none" }));
}

function findStart(neighbour: Neighbour, document: FlowDocument): string | CommandResult {
  const programs = compileSagas(document);
  if (programs.length === 1) return programs[0]!.start;
  const has =
    programs.length === 0 ? "has no saga" : `has ${programs.length} sagas, and none can be told from the others`;
  const message = `The flow ${neighbour.flow} ${has}. A sub-saga needs a flow with one Saga start.`;
  return failWith({ code: "saga-flow-missing", message }, { final: true, effect: "none" });
}

function notDeployed(flow: string): CommandResult {
  const message = `The flow ${flow} is not deployed in this environment. Deploy it, and retry.`;
  return failWith({ code: "saga-flow-missing", message }, { final: false, effect: "none" });
}
