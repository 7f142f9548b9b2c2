import type { FlowNode } from "@/flow/document";

/** What a saga's step does and what undoes it, as its card says it. */
export interface Deeds {
  /** Under its name, in place of a subtitle that would say again what it does. */
  about: string;
  does: string;
  /** `null`: nothing undoes it. */
  undoes: string | null;
  /** Once it is done there is no way back. */
  pivot: boolean;
}

const deeds = new WeakMap<FlowNode, Deeds | null>();

/** The two rows of a step; `null` for every other node. Says what is known of a half-filled form. */
export function deedsOfNode(node: FlowNode): Deeds | null {
  let known = deeds.get(node);
  if (known === undefined) {
    known = readDeeds(node);
    deeds.set(node, known);
  }
  return known;
}

function readDeeds({ kind, config }: FlowNode): Deeds | null {
  if (kind === "saga-step") {
    const { action, compensation, into, pivot } = config;
    const undoes = isObject(compensation) ? wordsOfCall(compensation) : null;
    const about = text(into) ? `into ${text(into)}` : `by ${wordsOfWay(action)}`;
    return { about, does: wordsOfCall(action), undoes, pivot: pivot === true };
  }
  if (kind === "sub-saga") {
    const about = text(config.into) ? `into ${text(config.into)}` : "a saga of another flow";
    return { about, does: text(config.flow) ?? "…", undoes: "all of it", pivot: false };
  }
  return null;
}

/** `POST /reservations`, `to stock.commands`, `job reserve in stock`. */
export function wordsOfCall(call: unknown): string {
  const { call: by = "http", ...fields } = isObject(call) ? call : {};
  if (by === "topic") return `to ${text(fields.topic) ?? "…"}`;
  if (by === "queue") {
    const job = text(fields.jobName);
    const queue = text(fields.queue) ?? "…";
    return job ? `${job} in ${queue}` : `to ${queue}`;
  }
  return `${text(fields.method) ?? "POST"} ${text(fields.url) ?? "…"}`;
}

/** So many characters fit into a row of a card. */
const shownOfDeed = 21;

/** A deed for a card: of a long path its end, as what is done stands there. `POST …/card/refund` */
export function shortenDeed(words: string): string {
  const path = /^(\S+) (?:https?:\/\/[^/]+)?(\/.+)$/.exec(words);
  if (!path || words.length <= shownOfDeed) return words;
  const [, method = "", whole = ""] = path;
  // Holes may have slashes of their own, and say less than the word before them.
  const parts = whole.split(/\/(?![^{]*\})/).slice(1);
  const shorter = parts.map((_, from) => `${method} …/${parts.slice(from).join("/")}`).slice(1);
  const named = shorter.slice(0, parts.at(-1)?.includes("${") ? -1 : undefined);
  return named.find((each) => each.length <= shownOfDeed) ?? named.at(-1) ?? words;
}

const ways: Readonly<Record<string, string>> = { http: "HTTP", topic: "message", queue: "job" };

function wordsOfWay(call: unknown): string {
  return ways[String((isObject(call) && call.call) || "http")] ?? "…";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
