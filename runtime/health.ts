import { monitorEventLoopDelay } from "node:perf_hooks";
import { heartbeatIntervalMs } from "../flow/control";
import { sleep } from "./backoff";
import type { Connections } from "./connections";
import { describeError, type Log } from "./log";
import type { Presence } from "./stores/presence";

const kafkaCheckMs = 10_000;
const forgetEveryMs = 60_000;
/** A turn of the event loop that takes longer is logged: something holds up all flows. */
const stallLimitMs = 500;
/** The connection that ships, by which the app tells whether there is a Kafka. */
const shippedKafka = "kafka";

/** Tells once a second that the worker lives, and how it is. */
export class Heartbeat {
  readonly #abort = new AbortController();
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  #kafka: "ok" | "missing" | "unreachable" | "checking" = "checking";
  #loops: Promise<unknown> | null = null;

  constructor(
    readonly presence: Presence,
    readonly connections: Connections,
    readonly kafkaBrokers: string | undefined,
    readonly redisUrl: string | undefined,
    readonly log: Log,
  ) {}

  start(): void {
    this.#delay.enable();
    this.#loops = Promise.all([this.#beat(), this.#watchKafka()]);
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
          kafka: this.#kafka,
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

  async #watchKafka(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      this.#kafka = await this.#checkKafka();
      await sleep(this.#kafka === "checking" ? heartbeatIntervalMs : kafkaCheckMs, this.#abort.signal);
    }
  }

  async #checkKafka(): Promise<"ok" | "missing" | "unreachable" | "checking"> {
    const config = this.connections.config(shippedKafka);
    if (!config) return this.connections.loaded ? "missing" : "checking";
    if (!config.brokers && !this.kafkaBrokers) return "missing";
    try {
      await this.connections.use({ name: shippedKafka }, (transport) => transport.test());
      return "ok";
    } catch {
      return "unreachable";
    }
  }
}
