import type { FlowDocument } from "../../flow/document";
import type { Arrived, Wanted } from "./books";
import type { House } from "./house";
import type { Counts } from "./progress";
import type { Random } from "./random";

/** What a flow promises, as a cell of the matrix names it. */
export type SemanticsName = "at-least-once" | "effectively-once" | "exactly-once";

/** What a shape stands on: a fault of what it does not touch is left out. */
export type Ground = "kafka" | "redis" | "rabbitmq" | "pulsar";

/** A flow to be tried, with its input, its sinks, and who knows what must be there. */
export interface Shape {
  readonly name: string;
  readonly title: string;
  readonly semantics: readonly SemanticsName[];
  readonly stands: readonly Ground[];
  open(options: ShapeOptions): Promise<OpenShape>;
}

export interface ShapeOptions {
  readonly house: House;
  /** Of the flow, and of its topics and queues. */
  readonly name: string;
  readonly semantics: SemanticsName;
  readonly random: Random;
}

export interface OpenShape {
  readonly flow: FlowDocument;
  /** Messages before the flow is deployed: it begins at full speed. Nothing where the source keeps none. */
  fill(count: number): Promise<void>;
  /** Feeds without a pause until `endFeed`. */
  startFeed(): void;
  /** How many are sent so far, filled and fed. */
  countSent(): number;
  /** Resolves when all is sent. Returns how many messages that was. */
  endFeed(): Promise<number>;
  /** Has the flow settled everything that it was sent? Looked at from outside. */
  isSettled(): Promise<boolean>;
  /** How much is at the sinks, doubled and unfinished included: it only ever grows. */
  countArrived(): Promise<number>;
  /** How far the source has settled, by lane; where it has none, as `countArrived`. */
  countSettled(): Promise<Counts>;
  /** What must be at each sink and what is, read with plain clients once the flow has stopped. */
  readBooks(): Promise<SinkBooks[]>;
  close(): Promise<void>;
}

export interface SinkBooks {
  readonly sink: string;
  readonly wanted: readonly Wanted[];
  readonly arrived: readonly Arrived[];
  /** Does the flow promise that the order of a key is kept up to here? */
  readonly ordered: boolean;
  /** Messages here that one message of the source leads to, at most. */
  readonly perMessage: number;
}
