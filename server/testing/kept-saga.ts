import "server-only";
import type { FlowDocument } from "@/flow/document";
import type { HeldRow } from "@/flow/holding";
import { encodeSaga } from "@/flow/saga/coding";
import { compileSagas } from "@/flow/saga/compile";
import { makeEvaluation } from "@/flow/saga/evaluate";
import { awaitsOf, beginSaga, dueAtOf, statusOf, stepsOf, transition } from "@/flow/saga/machine";
import type { SagaEvent, SagaState } from "@/flow/saga/state";
import { heldIdOf } from "@/prisma/held-id";
import { PostgresHeldStore } from "@/runtime/stores/held";
import { database } from "../database";

/** A saga of a drawing, kept by the machine and the store as a worker does; what it calls is answered by the test. */
export class KeptSaga {
  #row: HeldRow | null = null;

  constructor(
    readonly place: { flowId: string; version: number; document: FlowDocument; start: string },
    readonly key: string,
    public now: number,
    readonly id = heldIdOf({ environment: "default", flowId: place.flowId }, place.start, key),
  ) {}

  get #scope() {
    return { environment: "default", flowId: this.place.flowId };
  }

  get #program() {
    return compileSagas(this.place.document).find(({ start }) => start === this.place.start)!;
  }

  get #evaluation() {
    return makeEvaluation(this.place.document, this.place.start);
  }

  state: SagaState | null = null;

  async begin(body: unknown, more: Partial<Pick<SagaState, "parent">> = {}): Promise<this> {
    const init = { id: this.id, key: this.key, body, headers: {}, depth: 0, ...more };
    const { state } = beginSaga(this.#program, this.#evaluation, init, this.now);
    return this.#write(state);
  }

  async tell(event: SagaEvent): Promise<this> {
    this.now += 100;
    const next = transition(this.#program, this.#evaluation, this.state!, event, this.now);
    if (!next.changed) throw new Error(next.words);
    return this.#write(next.state);
  }

  ok(node: string, answer: unknown = {}): Promise<this> {
    return this.tell({ is: "outcome", node, side: "action", result: { ok: true, answer } });
  }

  fail(node: string, side: "action" | "compensation" = "action"): Promise<this> {
    const cause = { code: "http-status", message: `The endpoint of ${node} answered 422.` };
    return this.tell({ is: "outcome", node, side, result: { ok: false, final: true, effect: "none", cause } });
  }

  async #write(state: SagaState): Promise<this> {
    const stuck = state.visits.find((visit) => visit.state === "stuck" || visit.undo?.state === "stuck");
    const cause = stuck?.undo?.cause ?? stuck?.cause ?? state.reason;
    this.#row = {
      ...this.#scope,
      id: this.id,
      node: this.place.start,
      kind: "saga",
      key: this.key,
      version: this.place.version,
      revision: (this.#row?.revision ?? 0) + 1,
      status: statusOf(state),
      steps: stepsOf(state),
      dueAt: dueAtOf(state),
      awaits: awaitsOf(state),
      content: encodeSaga(state),
      error: cause
        ? { node: stuck?.node ?? state.reason?.node ?? this.place.start, code: cause.code, message: cause.message }
        : null,
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      createdAt: state.startedAt,
      updatedAt: this.now,
      endedAt: state.endedAt ?? null,
      expiresAt: state.endedAt === undefined ? null : state.endedAt + 86_400_000,
    };
    this.state = state;
    const [answer] = await new PostgresHeldStore(database().pool).write([{ write: this.#row }]);
    if (answer !== "written") throw new Error(`The row of ${this.key} is a ${answer}.`);
    return this;
  }
}
