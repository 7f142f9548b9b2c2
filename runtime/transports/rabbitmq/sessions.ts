import type { AsyncMessage, Channel } from "rabbitmq-client";
import type { SourceHandlers } from "../../../flow/behaviour";
import type { Cause } from "../../../flow/verdict";
import { sleep } from "../../backoff";
import type { TransportOptions } from "../../transport";
import type { RabbitLink } from "./link";

const retryMs = 1_000;

/** How a session that consumes ends: with its connection, by the broker's word, or by ours. */
export class Ending {
  /** Resolves with why it ended. */
  readonly ended: Promise<unknown>;
  #isOver = false;
  #resolve: (why: unknown) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(why: unknown): void {
    this.#isOver = true;
    this.#resolve(why);
  }

  /** It ends with this channel, or with what that consumes. */
  watch(channel: Channel, link: RabbitLink): this {
    channel.on("error", (error) => this.end(error));
    channel.on("basic.cancel", (_tag, error) => this.end(error));
    // Why a connection broke is known a moment after its channels were closed.
    channel.on("close", () => setImmediate(() => this.end(link.lost)));
    return this;
  }
}

/** What a source brings so that it is kept going. */
export interface Keeping {
  readonly node: string;
  readonly handlers: SourceHandlers;
  readonly log: TransportOptions["log"];
  readonly signal: AbortSignal;
  /** `undefined`: it was stopped meanwhile, or it is not its turn yet. */
  begin(): Promise<{ readonly ending: Ending } | undefined>;
  /** After its end. `why`: what ended it. */
  finish(why: unknown): Promise<void>;
  causeOf(why: unknown): Cause;
}

/** One session after the other until it is stopped; what ends one is told as the source's state until the next has begun. */
export async function keepOpen({ node, handlers, log, signal, begin, finish, causeOf }: Keeping): Promise<void> {
  let told: string | undefined;
  while (!signal.aborted) {
    let why: unknown;
    let isDown = true;
    try {
      const session = await begin();
      isDown = session !== undefined;
      told = undefined;
      if (!signal.aborted) handlers.state({ is: "running" });
      if (session) {
        why = await session.ending.ended;
        await finish(why);
      }
    } catch (error) {
      why = error;
    }
    if (signal.aborted) break;
    if (isDown) {
      const cause = causeOf(why);
      handlers.state({ is: "degraded", cause });
      if (told !== cause.message) log("warn", cause.message, { node, code: cause.code });
      told = cause.message;
    }
    await sleep(retryMs, signal);
  }
}

/** Takes deliveries, which come one by one, and hands over what came together, once at a time: `hand` waits until there is room for more. */
export class Intake<Item = AsyncMessage> {
  #pending: Item[] = [];
  #isHanding = false;

  constructor(
    readonly most: number,
    readonly hand: (items: Item[]) => Promise<void>,
  ) {}

  add(item: Item): void {
    this.#pending.push(item);
    if (!this.#isHanding) void this.#handAll();
  }

  clear(): void {
    this.#pending = [];
  }

  async #handAll(): Promise<void> {
    this.#isHanding = true;
    // Those of one turn of the loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) await this.hand(this.#pending.splice(0, this.most));
    this.#isHanding = false;
  }
}
