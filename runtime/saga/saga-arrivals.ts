import { CodecError } from "../../flow/codec";
import { jsonCodec } from "../../flow/codecs/json";
import { type Arrival, type ArriveRequest, addressOf } from "../../flow/holding";
import { maxAnswerBytes } from "../../flow/http-answer";
import type { Message } from "../../flow/message";
import { failureOf } from "../../flow/message-failure";
import { done, rejected, type Verdict } from "../../flow/verdict";
import { arrivalIdOf } from "../../prisma/held-id";
import type { HoldingPlace, KeeperHouse } from "../holding/ports";
import type { GroupWriter } from "./group-writer";
import type { SagaHand } from "./saga-hand";
import { tryLater } from "./try-later";

/**
 * Events for which sagas wait. One that comes before anything awaits it is kept, and then looked for once more; a saga that begins to wait
 * writes that, and then looks for what has come. So whoever writes first is seen by the other.
 */
export class SagaArrivals {
  constructor(
    readonly house: KeeperHouse,
    readonly writer: GroupWriter,
    readonly hand: SagaHand,
  ) {}

  /** Hands in an event. Never rejects. */
  async arrive(at: HoldingPlace, request: ArriveRequest): Promise<Verdict> {
    try {
      const body = readBody(request.message);
      const address = addressOf(at.node, request.value);
      const arrival = this.#makeArrival(address, body, request);
      if (arrival.content.length > maxAnswerBytes) return tooLarge(at.node);
      if (await this.#deliver(address, at.node, body)) return done;
      await this.writer.keepArrival(arrival);
      if (await this.#deliver(address, at.node, body)) await this.writer.removeArrival(arrival.id);
      return done;
    } catch (error) {
      return error instanceof CodecError ? failureOf(error, at.node, "event") : tryLater(error);
    }
  }

  /** Gives a saga that waits at these addresses what came before. @throws as the store does */
  async look(id: string, addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return;
    const now = this.house.now();
    const found = (await this.writer.findArrivals(addresses)).filter(({ expiresAt }) => expiresAt > now);
    const oldest = new Map<string, Arrival>();
    for (const arrival of found) if (!oldest.has(arrival.address)) oldest.set(arrival.address, arrival);
    for (const { id: arrivalId, address, content } of oldest.values()) {
      const node = address.slice(0, address.indexOf(" "));
      const applied = await this.hand.keep(id, { is: "arrival", node, body: jsonCodec.decode(content) });
      if (applied.is === "changed") await this.writer.removeArrival(arrivalId);
    }
  }

  /** Does anything wait for it, and does it still when it is told? */
  async #deliver(address: string, node: string, body: unknown): Promise<boolean> {
    const ids = await this.writer.findAwaiting(address);
    const applied = await Promise.all(ids.map((id) => this.hand.apply(id, { is: "arrival", node, body })));
    return applied.some((each) => each.is === "changed");
  }

  #makeArrival(address: string, body: unknown, { message, part, keepMs }: ArriveRequest): Arrival {
    const { scope } = this.house;
    const now = this.house.now();
    const { source, lane, position } = message.meta.origin
      ? { source: message.meta.source, ...message.meta.origin }
      : message.meta;
    const id = arrivalIdOf(scope, address, JSON.stringify([source, lane, position, part]));
    return { ...scope, id, address, content: jsonCodec.encode(body ?? null), createdAt: now, expiresAt: now + keepMs };
  }
}

/** What a saga can hold of a message: bytes that are nothing else go in as base64. @throws CodecError */
export function readBody(message: Message): unknown {
  const { body } = message;
  return body instanceof Uint8Array ? Buffer.from(body).toString("base64") : body;
}

function tooLarge(node: string): Verdict {
  return rejected(
    "message-too-large",
    `The event for \`${node}\` is larger than ${maxAnswerBytes} bytes, too much for a saga. Send less, and a reference to the rest.`,
  );
}
