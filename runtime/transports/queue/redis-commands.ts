import type { Redis } from "ioredis";
import type { QueueKeeping } from "../../../flow/connections/queue-keeping";
import type { Cause } from "../../../flow/verdict";
import { type RedisCommands, type RedisScript, type RedisWord, TransportError } from "../../transport";
import { causeOf } from "./backend";
import { readKeeping } from "./redis-keeping";

/** A person may change the settings of a Redis that runs: they are read again after so long. */
const readAgainMs = 30_000;

type Scripted = Redis & Record<string, (keys: number, key: string, ...args: RedisWord[]) => Promise<unknown>>;

/** Commands to a Redis, once it has said that it keeps what it is given. */
export class KeptCommands implements RedisCommands {
  /** Scripts that each client knows. */
  readonly #known = new WeakMap<Redis, Set<string>>();
  #keeps: { readonly since: number; readonly answer: Promise<void> } | null = null;

  constructor(
    readonly address: string,
    /** Its client, once that is connected. @throws what keeps it from being so */
    readonly ready: () => Promise<Redis>,
  ) {}

  ask(commands: readonly (readonly [name: string, ...args: readonly RedisWord[]])[]): Promise<unknown[]> {
    return this.#use(async (client) => {
      const pipeline = client.pipeline();
      for (const [name, ...args] of commands) pipeline.callBuffer(name, ...args);
      const answers = (await pipeline.exec()) ?? [];
      return answers.map(([error, answer]) => {
        if (error) throw error;
        return answer;
      });
    });
  }

  run({ name, lua }: RedisScript, key: string, args: readonly RedisWord[]): Promise<unknown> {
    return this.#use((client) => {
      const known = this.#known.get(client);
      if (!known?.has(name)) client.defineCommand(name, { lua });
      known?.add(name);
      return (client as Scripted)[`${name}Buffer`]!(1, key, ...args);
    });
  }

  async #use<Result>(work: (client: Redis) => Promise<Result>): Promise<Result> {
    try {
      const client = await this.ready();
      if (!this.#known.has(client)) {
        this.#known.set(client, new Set());
        // Whoever answers next may be another server, or the same with other settings.
        client.on("close", () => {
          this.#keeps = null;
        });
      }
      await this.#checkKeeping(client);
      return await work(client);
    } catch (error) {
      if (error instanceof TransportError) throw error;
      throw new TransportError(describeRefusal(error, this.address) ?? causeOf(error, "Redis", this.address), {
        cause: error,
      });
    }
  }

  async #checkKeeping(client: Redis): Promise<void> {
    const now = Date.now();
    if (this.#keeps === null || now - this.#keeps.since > readAgainMs || now < this.#keeps.since) {
      const answer = readKeeping(client).then((keeping) => refuseLoss(keeping, this.address));
      answer.catch(() => {
        // Asked again with the next command.
        if (this.#keeps?.answer === answer) this.#keeps = null;
      });
      this.#keeps = { since: now, answer };
    }
    await this.#keeps.answer;
  }
}

/** It answered, but not what it was asked for. */
function describeRefusal(error: unknown, address: string): Cause | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined;
  if (/^MISCONF/.test(error.message))
    return { code: "broker-refused", message: `Redis at ${address} cannot write its append-only file.` };
  if (/^(NOAUTH|WRONGPASS|OOM|LOADING)/.test(error.message)) return undefined;
  return { code: "broker-refused", message: `Redis at ${address} refused: ${error.message.slice(0, 200)}` };
}

/** @throws TransportError when this Redis would lose what it is given. */
function refuseLoss(keeping: QueueKeeping | undefined, address: string): void {
  const out = "or let the flow hold in Postgres.";
  if (keeping === undefined)
    throw refuse(`Redis at ${address} does not say whether it writes an append-only file: let it answer INFO, ${out}`);
  if (keeping.server !== "redis") return;
  if (!keeping.appendOnly)
    throw refuse(
      `Redis at ${address} writes no append-only file, and would lose what the flow holds: set \`appendonly yes\` and \`appendfsync always\` there, ${out}`,
    );
  if (keeping.evicts?.startsWith("allkeys"))
    throw refuse(
      `Redis at ${address} removes keys when its memory is full (\`maxmemory-policy ${keeping.evicts}\`), and with them what the flow holds: set \`maxmemory-policy noeviction\` there, ${out}`,
    );
}

function refuse(message: string): TransportError {
  return new TransportError({ code: "store-forgets", message });
}
