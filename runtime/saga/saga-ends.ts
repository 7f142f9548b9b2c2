import { jsonCodec } from "../../flow/codecs/json";
import { ExpressionError } from "../../flow/expression";
import { Message } from "../../flow/message";
import { outcomeHeader, sagaIdHeader } from "../../flow/saga/headers";
import type { SagaParent, SagaState } from "../../flow/saga/state";
import { readScope } from "../../flow/saga/status";
import { encodeUtf8 } from "../../flow/utf8";
import type { KeeperHouse } from "../holding/ports";
import { describeError } from "../log";
import type { GroupWriter } from "./group-writer";
import type { HeldSaga } from "./held-saga";
import type { SagaHand } from "./saga-hand";
import { endOf } from "./saga-times";
import type { SagaWork } from "./saga-work";

const tellAgainMs = 1_000;
const triesMost = 10;

/** What a saga says at its end: to the saga that waits for it, and to the rest of its flow. */
export class SagaEnds {
  constructor(
    readonly house: KeeperHouse,
    readonly writer: GroupWriter,
    readonly hand: SagaHand,
  ) {}

  /** Hands the end on, then writes that this is done. A crash between the two hands it on again, with the same id. */
  async handOn(saga: HeldSaga, state: SagaState, work: SagaWork, version: number): Promise<void> {
    if (state.parent) await this.#tellParent(state.parent);
    const { exit } = endOf(state, work);
    if (exit) {
      const message = this.#makeMessage(state, work, exit);
      const place = { source: work.program.start, lane: "saga", position: state.id, part: "0" };
      if (!(await this.house.emit({ ...exit, version, message, place }))) {
        saga.againAt = this.house.now() + tellAgainMs;
        return;
      }
    }
    saga.againAt = null;
    await this.hand.keep(saga.id, { is: "emitted" });
  }

  /** Has the saga that waits looked at: it finds the end itself. Said twice it makes no difference. */
  async #tellParent({ flowId, saga }: SagaParent): Promise<void> {
    for (let tries = 0; tries < triesMost; tries++) {
      const row = await this.writer.read(saga);
      if (!row) break;
      await this.writer.setDue({ id: saga, revision: row.revision, dueAt: this.house.now() });
      // Had it changed in between, its time would not have been set.
      if ((await this.writer.read(saga))?.revision === row.revision) break;
    }
    const neighbour = this.house.neighbours.find({ flowId });
    neighbour?.wake();
    neighbour?.keeper?.look(saga);
  }

  #makeMessage(state: SagaState, work: SagaWork, exit: { readonly node: string; readonly port: string }): Message {
    const own: Record<string, string> = { [sagaIdHeader]: state.id, [outcomeHeader]: state.outcome ?? "completed" };
    const headers = Object.entries({ ...state.headers, ...own }).map(
      ([name, text]) => [name, encodeUtf8(text)] as const,
    );
    const meta = {
      source: work.program.start,
      lane: "saga",
      position: state.id,
      timestamp: state.endedAt ?? state.startedAt,
      attempt: 1,
    };
    const parts = { key: encodeUtf8(state.key), headers, meta, codec: jsonCodec };
    let body: unknown;
    try {
      body = work.exitBody(exit.node, readScope(state));
    } catch (error) {
      // It has ended, and must not wait for an expression: what it has goes on in its place.
      const why = error instanceof ExpressionError ? { why: error.code } : describeError(error);
      this.house.log.warn(
        { saga: state.id, node: exit.node, ...why },
        "the event of a saga's end cannot be made; its data leaves",
      );
      body = state.body;
    }
    return Message.fromBody(parts, body ?? null);
  }
}
