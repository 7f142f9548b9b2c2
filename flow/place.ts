import type * as z from "zod";

/** What messages rest in on a broker, or are given to, in the broker's own word. */
export const placeTypes = ["topic", "queue", "exchange", "stream"] as const;
export type PlaceType = (typeof placeTypes)[number];

/** A type of place that brokers of one kind have: how people call it, and what may be done with it. */
export interface PlaceKind {
  readonly type: PlaceType;
  /** `Topic`. */
  readonly title: string;
  /** `Topics`. */
  readonly plural: string;
  /** A name as an example. */
  readonly placeholder: string;
  /** Which names there can be; `rule` completes "is no name for a topic: …". */
  readonly name: { readonly pattern: RegExp; readonly rule: string };
  /** It must be there before a flow that names it is deployed. Absent: it is made with its first message. */
  readonly mustExist?: true;
  /** Where there are none yet, how one comes to be, in sentences. */
  readonly origin: string;
  /** Of one that nobody has made yet and that need not exist: what will make it, as a sentence. */
  readonly unmade?: string;
  /** What may be chosen when one is made; absent: it is not made from here. Its defaults are what a deploy makes. */
  readonly create?: z.ZodType<Record<string, unknown>>;
  /** What its messages are called, `Messages kept`, and one word behind their number, `waiting`; absent: it keeps none. */
  readonly messages?: { readonly title: string; readonly word: string };
  /** States that its counts are by, in the order in which they are shown, with their names. */
  readonly states?: readonly (readonly [state: string, title: string])[];
}

/** Is it a name for such a place? Names with holes are known only per message. */
export function fitsName(kind: PlaceKind, name: string): boolean {
  return name.includes("${") || kind.name.pattern.test(name);
}
