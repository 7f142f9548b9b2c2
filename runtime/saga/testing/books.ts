import type { HttpAnswer, HttpPort, HttpUnreachable } from "../../../flow/connection-ports";
import { json } from "./worker";

type Request = Parameters<HttpPort["request"]>[0];

/** How a call goes: it may be carried out without its answer coming back, or the other way round. */
export type Mood = "well" | "fails" | "busy" | "lost" | "refused" | "twice";

/**
 * A service that keeps books, as the contract asks of services that sagas call: it knows a key that comes again, and refuses an action whose
 * compensation came first.
 */
export class BookKeeper {
  /** Actions and compensations that took effect, by order and step; each may be there once. */
  readonly done = new Map<string, number>();
  readonly undone = new Map<string, number>();
  readonly #answers = new Map<string, HttpAnswer>();
  readonly #undoneKeys = new Set<string>();

  constructor(readonly mood: (step: string, key: string, isUndo: boolean) => Mood) {}

  async request({ url, headers, body }: Request): Promise<HttpAnswer | HttpUnreachable> {
    const [, step = "", undo] = url.split("/");
    const key = headers["idempotency-key"]!;
    const { order } = JSON.parse(new TextDecoder().decode(body!)) as { order: string };
    const mood = this.mood(step, key, undo !== undefined);
    if (mood === "refused") return { unreachable: { code: "http-unreachable", message: "refused" }, sent: false };
    if (mood === "busy") return json(503, {}, { "retry-after": "0" });
    const answer = this.#work(`${order} ${step}`, key, undo !== undefined, mood);
    if (mood === "twice") this.#work(`${order} ${step}`, key, undo !== undefined, mood);
    return mood === "lost" ? { unreachable: { code: "http-timeout", message: "lost" } } : answer;
  }

  #work(entry: string, key: string, isUndo: boolean, mood: Mood): HttpAnswer {
    const known = this.#answers.get(key);
    if (known) return known;
    const answer = isUndo ? this.#undo(entry, key) : this.#do(entry, key, mood);
    this.#answers.set(key, answer);
    return answer;
  }

  #do(entry: string, key: string, mood: Mood): HttpAnswer {
    if (this.#undoneKeys.has(key)) return json(410, { reason: "its compensation came first" });
    if (mood === "fails") return json(422, { reason: "no" });
    this.done.set(entry, (this.done.get(entry) ?? 0) + 1);
    return json(200, { entry });
  }

  #undo(entry: string, key: string): HttpAnswer {
    const action = key.slice(0, -".undo".length);
    this.#undoneKeys.add(action);
    if (this.#answers.get(action)?.status === 200) this.undone.set(entry, (this.undone.get(entry) ?? 0) + 1);
    return json(200, {});
  }
}
