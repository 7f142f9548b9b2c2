import type { StartRequest } from "../../flow/holding";
import { awaitsOf, beginSaga, dueAtOf } from "../../flow/saga/machine";
import { continueTrace, formatTraceparent, parseTraceparent, startTrace, traceHeader } from "../../flow/trace-context";
import { rejected, type StepNote, type Verdict } from "../../flow/verdict";
import { heldIdOf } from "../../prisma/held-id";
import { sleep } from "../backoff";
import type { HeldVersion, HoldingPlace, KeeperHouse } from "../holding/ports";
import { countVisits } from "./count-visits";
import type { GroupWriter } from "./group-writer";
import { openVersion } from "./open-version";
import type { SagaHand } from "./saga-hand";
import { makeRow, sagaLeaseMs } from "./saga-row";
import { endOf } from "./saga-times";
import { type SagaWork, workOf } from "./saga-work";
import { tryLater } from "./try-later";
import { makeUnbegun } from "./unbegun";

/** A start waits this long for room: that holds its source back. Then the saga is stored all the same, and begins when there is. */
const waitForRoomMs = 2_000;
const lookForRoomMs = 10;
/** A header of the message goes with the saga up to here. */
const headerMaxBytes = 4_096;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** New sagas: stored, then carried out. A second start with the same key finds the first one, and is done. */
export class SagaStarts {
  constructor(
    readonly house: KeeperHouse,
    readonly writer: GroupWriter,
    readonly hand: SagaHand,
    /** Is there room for one more in hand? */
    readonly hasRoom: () => boolean,
  ) {}

  /** Never rejects. */
  async start(at: HoldingPlace, messages: readonly StartRequest[]): Promise<Verdict[]> {
    let version: HeldVersion;
    try {
      version = await openVersion(this.house, at.version);
    } catch (error) {
      return messages.map(() => tryLater(error));
    }
    try {
      const work = workOf(version.document, version.plan, at.node);
      const until = performance.now() + waitForRoomMs;
      const starting: Promise<Verdict>[] = [];
      for (const message of messages) {
        while (!this.hasRoom() && !this.hand.isStopping && performance.now() < until) await sleep(lookForRoomMs);
        starting.push(this.#startOne(at, version, work, message));
      }
      return await Promise.all(starting);
    } catch (error) {
      return messages.map(() => tryLater(error));
    } finally {
      version.release();
    }
  }

  async #startOne(at: HoldingPlace, version: HeldVersion, work: SagaWork, request: StartRequest): Promise<Verdict> {
    const { key, data, message } = request;
    if (key.trim() === "") {
      const words = `The message that came to \`${at.node}\` has no business key, so no saga can be named after it.`;
      return rejected("saga-key-empty", words);
    }
    const { scope } = this.house;
    const now = this.house.now();
    const init = {
      id: heldIdOf(scope, at.node, key),
      key,
      body: data ?? null,
      headers: readHeaders(message),
      depth: 0,
    };
    const isBegun = this.hasRoom() && !this.hand.isStopping;
    try {
      const begun = isBegun
        ? beginSaga(work.program, work.evaluation, init, now)
        : { state: makeUnbegun(init, now), commands: [] };
      const { state, commands } = begun;
      const end = endOf(state, work);
      // A timer or a person is waited for without anybody having the saga in hand.
      const isOurs = isBegun && (commands.length > 0 || end.isOpen || awaitsOf(state).length > 0);
      const dueAt = end.isDone ? null : isOurs ? now + sagaLeaseMs : isBegun ? dueAtOf(state) : now;
      const row = makeRow({
        scope,
        start: at.node,
        version: version.version,
        state,
        dueAt,
        expiresAt: end.expiresAt,
        now,
      });
      const answer = await this.writer.write({ write: row });
      if (answer === "written") countVisits(null, state, version, at.node);
      if (answer === "written" && isOurs) this.hand.adopt(row, state, commands, work, version);
      else if (answer === "written" && dueAt !== null) this.house.wake(dueAt);
      return {
        verdict: "done",
        note: { saga: init.id, ...(answer === "conflict" ? await this.#tellKnown(init.id) : {}) },
      };
    } catch (error) {
      return tryLater(error);
    }
  }

  /** What the message's run says of a saga that was there before it; when it began only where that can be read. */
  async #tellKnown(id: string): Promise<StepNote> {
    const row = await this.writer.read(id).catch(() => null);
    return { known: true, ...(row ? { begunAt: new Date(row.createdAt).toISOString() } : {}) };
  }
}

/** The message's headers as text, the last of each name; what is no text, or long, stays behind. All of the saga goes by one trace. */
function readHeaders(message: StartRequest["message"]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of message.headers) {
    if (value.length > headerMaxBytes) continue;
    try {
      headers[name] = utf8.decode(value);
    } catch {
      // Expressions and requests have no use for it.
    }
  }
  const trace = parseTraceparent(headers[traceHeader] ?? "");
  headers[traceHeader] = formatTraceparent(trace ? continueTrace(trace) : startTrace());
  return headers;
}
