import type * as z from "zod";
import type { PlaceType } from "./place";
import type { ProblemDraft } from "./problems";
import type { GiveShape, Shape } from "./shape/shape";

export type Category = "Sources" | "Route" | "Transform" | "Call" | "Hold" | "Saga" | "Sinks";
export type Role = "source" | "step" | "sink";

export interface Ports {
  /** `in` for steps and sinks; none for a source. */
  readonly in: readonly string[];
  /** Output ports in the order they are drawn, without `error` (steps and sinks have that one, added by `portsOf`). */
  readonly out: readonly string[];
}

/** What a kind keeps and what it weakens; `semantics.ts` folds these over the graph. A kind claims only what it says here. */
export interface NodeSemantics {
  /**
   * For a sink or a step with effects: what a second delivery of the same message does. `deduplicatedBy` completes "told apart by …" and is
   * only for what really is told apart; `windowMs`: for that long, absent: for ever. `byContent`: by something that the message says, so that
   * a caller who sends again is recognised too; else by the message's place at its source.
   */
  readonly repeat?:
    | "harmless"
    | "duplicates"
    | { readonly deduplicatedBy: string; readonly windowMs?: number; readonly byContent?: true };
  /**
   * What order survives this node: `keeps`, or from here on none, with the reason. `by`: written by this key (an expression), each key in
   * order by itself; `key` is the one that the message has. A step that calls out says its order with `Kind.calls`.
   */
  readonly order?: "keeps" | { readonly lost: string } | { readonly by: string };
  /** For a source: the order its lanes have, and what is lost when it stops. */
  readonly source?: {
    readonly order: "partition" | "key" | "none" | "lane";
    /** It can read again what it has read: a deploy may begin elsewhere than where it stands. */
    readonly past?: true;
    readonly delivery: "at-least-once" | "at-most-once";
    readonly durability: string;
    /**
     * Somebody may wait for an answer to its messages: `waiting`, only until the flow has worked it; `address`, as long as they like, at the
     * address that the message names. Absent: nobody does.
     */
    readonly replies?: "waiting" | "address";
    /** Each worker gets all messages, and one that starts begins there. */
    readonly each?: "earliest" | "latest";
    /** Its messages have no key. */
    readonly keyless?: boolean;
    /** A sentence: whoever sends again makes a new message, which only its content tells from the first. */
    readonly resends?: string;
  };
  /**
   * For a step that lets a message pass once: `by` completes "recognised by …". It stops repeats that come to it; what stands behind it
   * may still be written twice when a crash falls between the write and the mark, so it raises no sink's claim.
   */
  readonly guards?: { readonly by: string; readonly windowMs?: number };
  /** Connection in whose transactions it takes part: what is read and written there becomes visible together, or not at all. */
  readonly transaction?: string;
  /** Where on a broker a message rests before or behind this node; without a name where that is known per message only. */
  readonly place?: { readonly connection: string; readonly type: PlaceType; readonly name?: string };
  /** What the way to its broker cannot do, as sentences: told in lists, as it weakens no more than the claim says anyway. */
  readonly limits?: string;
  /** What would mend a weakness, as a sentence: `Give it a job id, and the queue takes each message once.` */
  readonly mend?: string;
  /** Where a written message rests, and how safely. */
  readonly durability?: string;
  /** It rests where the flow holds (`settings.holding`) until it goes on. */
  readonly keptIn?: "store";
  /** What its settings may lose, and the way out, as sentences. */
  readonly risk?: { readonly text: string; readonly mend: string };
}

/** How calls of a service are held in check, by worker. */
export interface CallLimits {
  /** Calls begun in a second, at most; absent: as many as come. */
  readonly perSecond?: number;
  /** Stops calling after so many failures in a row, and asks again with one call after a while. Absent: never. */
  readonly breaker?: { readonly failures: number; readonly openMs: number };
}

/** How a step that calls out is held in check, by worker. */
export interface CallPolicy extends CallLimits {
  /** Calls under way at once, over all lanes. */
  readonly concurrency: number;
  /** `key`: calls of one key one after another; `lane`: all of one lane; `none`: as they come, and so do their results leave. */
  readonly order: "key" | "lane" | "none";
  /** An answer is waited for this long. */
  readonly timeoutMs: number;
}

/**
 * A node kind, as the canvas, `check` and the docs know it. Its behaviour stands beside it in `<kind>.behaviour.ts`,
 * reached only by the worker. One file a kind, in this order: config, ports, migrations, check, semantics, example.
 */
export interface Kind<Config = unknown> {
  readonly kind: string;
  /** Version of the config's shape; a node in a file may carry an older one. */
  readonly version: number;
  readonly role: Role;
  readonly category: Category;
  /** What comes in rests in the store before it goes on (`flow/holding.ts`): a message, or a saga that it starts. */
  readonly holds?: "message" | "saga";
  /** Between a saga's start and its ends: `only` there, or there `too`, as it has no effects. Absent: never. */
  readonly inSaga?: "only" | "too";
  /**
   * Inputs beside `in` that messages come in by, from outside of a saga where it stands in one: an answer, an event. What comes in by them
   * ends there.
   */
  readonly entrances?: readonly string[];
  /** A sink that answers whoever waits for the message. */
  readonly responds?: true;
  /** It has no port `error`: what may fail there fails its saga. */
  readonly noErrorPort?: true;
  readonly label: string;
  /** One line in the palette. */
  readonly summary: string;
  /** Name of a lucide icon, in kebab-case. */
  readonly icon: string;
  /** Longer text for the Help tab and the docs page: what it does, delivery guarantee, one sharp edge (Markdown). */
  readonly help: string;
  readonly config: z.ZodType<Config>;
  ports(config: Config): Ports;
  /** Second line on the node: `orders · earliest`. */
  subtitle(config: Config): string;
  /** From version N to N + 1, by N. */
  readonly migrations?: Readonly<Record<number, (config: Record<string, unknown>) => Record<string, unknown>>>;
  /** Rules over several fields; expressions and templates are checked by their field meta already. */
  check?(config: Config): ProblemDraft[];
  semantics(config: Config): NodeSemantics;
  /**
   * The shape of the body that leaves by a port, from that of the body that came (unknown for a source). Absent: nothing is known. What
   * leaves by `error` is what came; that need not be said. `give` reads the shape of an expression; it is handed in, as the canvas knows the
   * kinds without the language.
   */
  shape?(config: Config, input: Shape, port: string, give: GiveShape): Shape;
  /** For a step that calls out (`mode: "call"` of its behaviour). */
  calls?(config: Config): CallPolicy;
  /** A config that runs, and a message to try it on (tests run it, the inspector shows it). */
  readonly example: {
    readonly config: Config;
    readonly input?: { readonly key?: string; readonly headers?: Record<string, string>; readonly body: unknown };
    /** Expected emissions by port, where it is a pure step. */
    readonly output?: readonly { readonly port: string; readonly body: unknown }[];
  };
}

/**
 * Does the worker work messages at nodes of this kind? What stands only inside of sagas is interpreted (`flow/saga/`), but for its entrances.
 */
export function worksMessages(kind: Kind): boolean {
  return kind.inSaga !== "only" || (kind.entrances ?? []).length > 0;
}

/** What the worker takes a node of this kind for: what is held, or handed to a saga, is written there, as by a sink. */
export function workedAs(kind: Kind): Role {
  return kind.holds || kind.inSaga === "only" ? "sink" : kind.role;
}

/** Declares a kind, inferring its config type from the schema. */
export function defineKind<Schema extends z.ZodType>(
  kind: Omit<Kind<z.output<Schema>>, "config"> & { readonly config: Schema },
): Kind<z.output<Schema>> {
  return kind as unknown as Kind<z.output<Schema>>;
}
