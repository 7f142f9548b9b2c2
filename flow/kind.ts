import type * as z from "zod";
import type { ProblemDraft } from "./problems";

export type Category = "Sources" | "Route" | "Transform" | "Call" | "Hold" | "Saga" | "Sinks";
export type Role = "source" | "step" | "sink";

export interface Ports {
  /** `in` for steps and sinks; none for a source. */
  readonly in: readonly string[];
  /** Output ports in the order they are drawn, without `error` (every step and sink has that one, added by `portsOf`). */
  readonly out: readonly string[];
}

/** What a kind keeps and what it weakens; `semantics.ts` folds these over the graph. */
export interface NodeSemantics {
  /** For a sink or a step with effects: what a second delivery of the same message does. */
  readonly repeat?: "harmless" | "duplicates" | { readonly deduplicatedBy: string };
  /** What order survives this node: `keeps`, or from here on none, with the reason. */
  readonly order?: "keeps" | { readonly lost: string };
  /** For a source: the order its lanes have, and what is lost when it stops. */
  readonly source?: {
    readonly order: "partition" | "none" | "lane";
    readonly delivery: "at-least-once" | "at-most-once";
    readonly durability: string;
  };
  /** What would mend a weakness, as a sentence: `Give it a job id, and the queue takes each message once.` */
  readonly mend?: string;
  /** Where a written message rests, and how safely. */
  readonly durability?: string;
}

/** How a step that calls out is held in check, by worker. */
export interface CallPolicy {
  /** Calls under way at once, over all lanes. */
  readonly concurrency: number;
  /** `key`: calls of one key one after another; `lane`: all of one lane; `none`: as they come, and so do their results leave. */
  readonly order: "key" | "lane" | "none";
  /** An answer is waited for this long. */
  readonly timeoutMs: number;
  /** Calls begun in a second, at most; absent: as many as come. */
  readonly perSecond?: number;
  /** Stops calling after so many failures in a row, and asks again with one call after a while. Absent: never. */
  readonly breaker?: { readonly failures: number; readonly openMs: number };
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

/** Declares a kind, inferring its config type from the schema. */
export function defineKind<Schema extends z.ZodType>(
  kind: Omit<Kind<z.output<Schema>>, "config"> & { readonly config: Schema },
): Kind<z.output<Schema>> {
  return kind as unknown as Kind<z.output<Schema>>;
}
