import type { OpenSource, SourceBehaviour, SourceContext, SourceHandlers } from "../behaviour";
import { jsonCodec } from "../codecs/json";
import { compileExpression } from "../expression";
import { keyBytes } from "../key-bytes";
import { Message } from "../message";
import { failureOf } from "../message-failure";
import { makeGenerateScope } from "./generate-scope";
import { type GenerateConfig, generateKeyVariables, generateVariables } from "./generate-source";

/** The one lane of a generator. Its positions are the values of `n`, so the settled position is the count to store. */
export const generateLane = "generate";
/** Shortest wait between two batches: short enough to look steady, long enough to make batches at thousands a second. */
const tickMs = 20;
const maxBatch = 500;

export const generateSourceBehaviour: SourceBehaviour<GenerateConfig> = {
  role: "source",
  settles: "contiguous",
  once: true,
  identity: (config) => JSON.stringify(config),
  open: async (config, context, handlers) => new Generator(config, context, handlers),
};

class Generator implements OpenSource {
  readonly #make: (n: bigint) => Message;
  readonly #epoch: number;
  #stopped = false;
  #next: bigint;
  #settled: bigint;
  #timer: unknown;

  constructor(
    readonly config: GenerateConfig,
    readonly context: SourceContext,
    readonly handlers: SourceHandlers,
  ) {
    this.#make = compileMessage(config, context);
    this.#epoch = context.now();
    this.#settled = context.counter;
    this.#next = context.counter + 1n;
    handlers.assigned(generateLane, this.#epoch);
    handlers.state({ is: "running" });
    void this.#run();
  }

  settle(lane: string, epoch: number, position: string): void {
    if (lane === generateLane && epoch === this.#epoch) this.#settled = BigInt(position);
  }

  async progress() {
    const { count } = this.config;
    const ended = count !== undefined && this.#settled >= BigInt(count);
    return [{ lane: generateLane, lag: 0, position: String(this.#settled), ...(ended ? { ended } : {}) }];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer as ReturnType<typeof setTimeout>);
  }

  /** Hands over what is due. A pace that the flow cannot take is slowed down by `deliver`; what was missed is not made up in a burst. */
  async #run(): Promise<void> {
    const { perSecond, count } = this.config;
    const last = count === undefined ? undefined : BigInt(count);
    let since = performance.now();
    let made = 0;
    await this.#wait(0);
    while (!this.#stopped && !this.context.signal.aborted && (last === undefined || this.#next <= last)) {
      const elapsedMs = performance.now() - since;
      let due = Math.floor((elapsedMs * perSecond) / 1000) + 1 - made;
      if (due > Math.max(perSecond, 1)) {
        since = performance.now();
        made = 0;
        due = 1;
      }
      if (due <= 0) {
        await this.#wait(Math.max(tickMs, (made * 1000) / perSecond - elapsedMs));
        continue;
      }
      const left = last === undefined ? due : Number(last - this.#next + 1n);
      const messages = this.#makeBatch(Math.min(due, left, maxBatch));
      if (!messages) return;
      made += messages.length;
      await this.handlers.deliver(generateLane, this.#epoch, messages);
    }
  }

  /** `undefined` when the expression failed: there is no message to set aside, so the source waits for a person. */
  #makeBatch(size: number): Message[] | undefined {
    const messages: Message[] = [];
    try {
      for (; messages.length < size; this.#next++) messages.push(this.#make(this.#next));
      return messages;
    } catch (error) {
      // Those before it go on their way first; it fails again when it is next.
      if (messages.length > 0) return messages;
      const { cause } = failureOf(error, this.context.node, "body");
      this.handlers.state({ is: "halted", cause, lane: generateLane });
      return undefined;
    }
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timer = setTimeout(resolve, delayMs);
    });
  }
}

function compileMessage(config: GenerateConfig, context: SourceContext): (n: bigint) => Message {
  const body = compileExpression(config.body, { variables: generateVariables });
  const key = config.key ? compileExpression(config.key, { variables: generateKeyVariables }) : undefined;
  return (n) => {
    const timestamp = context.now();
    const scope = makeGenerateScope(n, timestamp);
    const value = body.evaluate(scope) ?? null;
    return Message.fromBody(
      {
        key: key ? keyBytes(key.evaluate({ ...scope, body: value })) : null,
        headers: [],
        codec: jsonCodec,
        meta: { source: context.node, lane: generateLane, position: String(n), timestamp, attempt: 1 },
      },
      value,
    );
  };
}
