import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { Connection } from "rabbitmq-client";
import type { Output } from "./case";
import { openSockets, type Sockets } from "./sockets";

/** Where messages rest that Kafka has nothing to do with. */
export type QueueKind = Exclude<Output["to"], "topics">;

/** Of a Pulsar topic: the position of a subscription that begins before its first message. */
const beginning = '{"ledgerId":-1,"entryId":-1,"partitionIndex":-1}';

/** BullMQ queues, RabbitMQ queues, Redis streams and Pulsar topics of the benchmark, seen from outside. */
export class Queues {
  readonly #redis: Redis;
  readonly #rabbit: Connection;
  readonly #jobs = new Map<string, Queue>();
  readonly #rabbitQueues = new Set<string>();
  readonly #streams = new Set<string>();
  readonly #pulsar: Sockets;
  readonly #pulsarTopics = new Set<string>();

  /** `pulsarUrl`: empty where none runs. */
  constructor(redisUrl: string, rabbitmqUrl: string, pulsarUrl: string) {
    this.#pulsar = openSockets(pulsarUrl);
    this.#redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
    this.#rabbit = new Connection(rabbitmqUrl);
  }

  /** Makes one, where it must be there before it is written to. What was made or counted is cleared. */
  async make(kind: QueueKind, name: string): Promise<void> {
    if (kind === "queue") this.#jobQueue(name);
    else if (kind === "redis-stream") this.#streams.add(name);
    else if (kind === "pulsar") {
      await this.#pulsar.ask("PUT", name);
      // A loop by hand reads from the beginning, too.
      await this.#pulsar.ask("PUT", `${name}/subscription/by-hand`, beginning);
      this.#pulsarTopics.add(name);
    } else {
      await this.#rabbit.queueDeclare({ queue: name, durable: true });
      this.#rabbitQueues.add(name);
    }
  }

  /** Messages that wait in it; of a topic, all that were written. */
  async count(kind: QueueKind, name: string): Promise<number> {
    if (kind === "queue") return this.#jobQueue(name).getJobCountByTypes("waiting");
    if (kind === "redis-stream") return this.#redis.xlen(name);
    if (kind === "pulsar") {
      const { msgInCounter } = JSON.parse(await this.#pulsar.ask("GET", `${name}/stats`)) as { msgInCounter: number };
      return msgInCounter;
    }
    return (await this.#rabbit.queueDeclare({ queue: name, passive: true })).messageCount;
  }

  /** Removes them with their messages. */
  async clear(): Promise<void> {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const queue of jobs) {
      await queue.obliterate({ force: true });
      await queue.close();
    }
    for (const queue of this.#rabbitQueues) await this.#rabbit.queueDelete({ queue });
    this.#rabbitQueues.clear();
    if (this.#streams.size > 0) await this.#redis.unlink([...this.#streams]);
    this.#streams.clear();
    for (const topic of this.#pulsarTopics) await this.#pulsar.ask("DELETE", `${topic}?force=true`);
    this.#pulsarTopics.clear();
  }

  async close(): Promise<void> {
    await this.clear();
    await this.#rabbit.close();
    this.#redis.disconnect();
  }

  #jobQueue(name: string): Queue {
    const queue = this.#jobs.get(name) ?? new Queue(name, { connection: this.#redis });
    this.#jobs.set(name, queue);
    return queue;
  }
}
