import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Kafka, logLevel, type Producer } from "kafkajs";

/** Trouble that an order makes, decided beforehand. */
export interface Trouble {
  /** The step that says no. */
  readonly fails?: string;
  /** The step that does its work and answers after its time is over, the first time. */
  readonly slow?: string;
  /** The carrier answers each of its commands twice. */
  readonly twice?: boolean;
}

export interface ServiceOptions {
  readonly troubleOf: (order: string) => Trouble;
  /** An answer takes this long when it is slow. */
  readonly slowMs: number;
  readonly carrier: { readonly brokers: string; readonly commands: string; readonly answers: string };
}

type Reply = { readonly status: number; readonly body: unknown };

/**
 * Stock and payments by HTTP, a carrier by topic, each with books. They keep the contract of services that sagas call: a key that comes again
 * gets the answer that it got, and an action whose compensation came first is refused.
 */
export class Services {
  /** What took effect, by step and order: how often. */
  readonly done = new Map<string, number>();
  readonly undone = new Map<string, number>();
  /** Commands that came again with a key that was known. */
  repeated = 0;
  readonly #answers = new Map<string, Reply>();
  readonly #refused = new Set<string>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #producer: Producer;
  readonly #kafka: Kafka;
  #consumer: ReturnType<Kafka["consumer"]> | undefined;

  constructor(readonly options: ServiceOptions) {
    this.#kafka = new Kafka({
      clientId: "carrier",
      brokers: options.carrier.brokers.split(","),
      logLevel: logLevel.NOTHING,
      retry: { retries: 60, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    this.#producer = this.#kafka.producer();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { commands } = this.options.carrier;
    this.#consumer = this.#kafka.consumer({ groupId: `carrier-${commands}`, maxWaitTimeInMs: 50 });
    await Promise.all([this.#producer.connect(), this.#consumer.connect()]);
    await this.#consumer.subscribe({ topic: commands, fromBeginning: true });
    await this.#consumer.run({
      eachBatch: async ({ batch }) => this.#carry(batch.messages.map(({ value, headers }) => ({ value, headers }))),
    });
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.all([this.#consumer?.disconnect(), this.#producer.disconnect()]);
  }

  /** What is wrong in the books, given how each order's saga ended. */
  audit(outcomes: ReadonlyMap<string, string>): string[] {
    const findings: string[] = [];
    for (const [order, outcome] of outcomes) {
      for (const step of ["stock", "payment", "carrier"]) {
        const name = `${step} ${order}`;
        const [done, undone] = [this.done.get(name) ?? 0, this.undone.get(name) ?? 0];
        if (done > 1 || undone > 1) findings.push(`${name} took effect ${done} times and was undone ${undone} times`);
        if (done - undone !== (outcome === "completed" ? 1 : 0))
          findings.push(`${name} was done ${done} times and undone ${undone} times, and its saga is ${outcome}`);
      }
    }
    return findings;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, step = "", undo] = (request.url ?? "").split("/");
    const { order } = JSON.parse(Buffer.concat(chunks).toString()) as { order: string };
    const key = String(request.headers["idempotency-key"]);
    const isSlow = undo === undefined && this.options.troubleOf(order).slow === step && !this.#answers.has(key);
    const reply = this.#work(step, order, key, undo !== undefined);
    if (isSlow) await new Promise((resolve) => setTimeout(resolve, this.options.slowMs));
    response.writeHead(reply.status, { "content-type": "application/json" }).end(JSON.stringify(reply.body));
  }

  async #carry(
    commands: readonly { readonly value: Buffer | null; readonly headers?: Record<string, unknown> | undefined }[],
  ): Promise<void> {
    const messages = commands.flatMap(({ value, headers }) => {
      const key = String(headers?.["correlation-id"]);
      const { order } = JSON.parse(String(value)) as { order: string };
      const { status, body } = this.#work("carrier", order, key, key.endsWith(".undo"));
      const outcome = status === 200 ? {} : { "saga-outcome": "failed" };
      const answer = { key: order, value: JSON.stringify(body), headers: { "correlation-id": key, ...outcome } };
      return this.options.troubleOf(order).twice ? [answer, answer] : [answer];
    });
    await this.#producer.send({ topic: this.options.carrier.answers, messages, acks: -1 });
  }

  #work(step: string, order: string, key: string, isUndo: boolean): Reply {
    const known = this.#answers.get(key);
    if (known) {
      this.repeated++;
      return known;
    }
    const reply = isUndo ? this.#undo(step, order, key) : this.#do(step, order, key);
    this.#answers.set(key, reply);
    return reply;
  }

  #do(step: string, order: string, key: string): Reply {
    if (this.#refused.has(key)) return { status: 410, body: { reason: "its compensation came first" } };
    if (this.options.troubleOf(order).fails === step) return { status: 422, body: { reason: "no" } };
    count(this.done, `${step} ${order}`);
    return { status: 200, body: { [step]: order } };
  }

  #undo(step: string, order: string, key: string): Reply {
    const action = key.slice(0, -".undo".length);
    this.#refused.add(action);
    if (this.#answers.get(action)?.status === 200) count(this.undone, `${step} ${order}`);
    return { status: 200, body: {} };
  }
}

function count(book: Map<string, number>, name: string): void {
  book.set(name, (book.get(name) ?? 0) + 1);
}
