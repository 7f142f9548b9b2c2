import { monitorEventLoopDelay } from "node:perf_hooks";
import { type ConnectionHealth, heartbeatIntervalMs } from "../flow/control";
import { sleep } from "./backoff";
import type { Connections } from "./connections";
import { describeError, type Log } from "./log";
import { eventLoopLookMs } from "./metrics";
import type { Presence } from "./stores/presence";
import { TransportError } from "./transport";

const lookEveryMs = 10_000;
const forgetEveryMs = 60_000;
/** A turn of the event loop that takes longer is logged: something holds up all flows. */
const stallLimitMs = 500;
/** The connection that ships, by which the app tells whether there is a Kafka. */
const shippedKafka = "kafka";

/** Tells once a second that the worker lives, how it is, and which brokers it reaches. */
export class Heartbeat {
  readonly #abort = new AbortController();
  readonly #delay = monitorEventLoopDelay({ resolution: eventLoopLookMs });
  /** By name, what was found when each was asked last. */
  readonly #found = new Map<string, ConnectionHealth>();
  readonly #asking = new Set<string>();
  #loops: Promise<unknown> | null = null;

  constructor(
    readonly presence: Presence,
    readonly connections: Connections,
    readonly redisUrl: string | undefined,
    readonly log: Log,
  ) {}

  start(): void {
    this.#delay.enable();
    this.#loops = Promise.all([this.#beat(), this.#watchConnections()]);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loops;
    this.#delay.disable();
  }

  async #beat(): Promise<void> {
    let failing = false;
    let forgotAt = 0;
    while (!this.#abort.signal.aborted) {
      const delayMs = this.#delay.percentile(99) / 1e6;
      const longestMs = this.#delay.max / 1e6;
      this.#delay.reset();
      if (longestMs > stallLimitMs) this.log.warn({ longestMs: Math.round(longestMs) }, "event loop was held up");
      try {
        await this.presence.beat({
          memoryBytes: process.memoryUsage.rss(),
          eventLoopDelayMs: Number.isFinite(delayMs) ? Math.round(delayMs * 10) / 10 : 0,
          kafka: this.#tellKafka(),
          connections: [...this.#found.values()],
          queueBackend: this.redisUrl ? "redis" : "postgres",
        });
        if (Date.now() - forgotAt > forgetEveryMs) {
          await this.presence.forgetDead();
          forgotAt = Date.now();
        }
        failing = false;
      } catch (error) {
        if (!failing) this.log.warn(describeError(error), "heartbeat cannot be written");
        failing = true;
      }
      await sleep(heartbeatIntervalMs, this.#abort.signal);
    }
  }

  /** None waits for another: a broker that does not answer hides nothing of the others. */
  async #watchConnections(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const brokers = this.connections.brokers();
      for (const name of this.#found.keys())
        if (!brokers.some((broker) => broker.name === name)) this.#found.delete(name);
      for (const broker of brokers) if (!this.#asking.has(broker.name)) void this.#look(broker);
      await sleep(this.connections.loaded ? lookEveryMs : heartbeatIntervalMs, this.#abort.signal);
    }
  }

  /** Never rejects. */
  async #look({ name, kind }: { readonly name: string; readonly kind: string }): Promise<void> {
    this.#asking.add(name);
    try {
      this.#found.set(name, { name, kind, ...(await this.#ask(name)) });
    } finally {
      this.#asking.delete(name);
    }
  }

  async #ask(name: string): Promise<Pick<ConnectionHealth, "state" | "cause" | "keeping">> {
    try {
      return await this.connections.use({ name }, async (transport) => {
        await (transport.reach?.() ?? transport.test());
        const keeping = await transport.keeping?.().catch(() => undefined);
        return { state: "ok", ...(keeping === undefined ? {} : { keeping }) };
      });
    } catch (error) {
      if (!(error instanceof TransportError)) {
        this.log.warn({ connection: name, ...describeError(error) }, "connection test failed unexpectedly");
        return { state: "unreachable" };
      }
      const { code, message } = error.reason;
      return { state: code === "connection-incomplete" ? "missing" : "unreachable", cause: { code, message } };
    }
  }

  /** Of the Kafka that ships. */
  #tellKafka(): "ok" | "missing" | "unreachable" | "checking" {
    if (this.connections.loaded && !this.connections.brokers().some(({ name }) => name === shippedKafka))
      return "missing";
    return this.#found.get(shippedKafka)?.state ?? "checking";
  }
}
