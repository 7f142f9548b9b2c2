/**
 * What receivers know of the messages that came: by key, which message has it and whether that one is safe. In Postgres
 * (`runtime/stores/received-keys.ts`), in memory for tests.
 *
 * A key goes three ways: **free**, nobody has it or it is forgotten; **reserved**, the message that holds it is on its way; **confirmed**,
 * everything made of that message is safe. The holder is named by its place (flow, source, lane, position), never by the worker that has
 * it: whoever brings the same place again brings the same message.
 */
export interface ReceivedKeys {
  /**
   * Reserves all of the keys that are free, or none when one of them is held by another message: two batches that wait for each
   * other's keys would wait for ever. Keys of one call differ from each other. @throws when the store cannot be reached
   */
  reserve(scope: KeyScope, requests: readonly KeyRequest[]): Promise<Reservation>;
  /** The messages of these keys are safe. @throws when the store cannot be reached */
  confirm(scope: KeyScope, entries: readonly KeyEntry[]): Promise<void>;
}

/** Who shares what is known, and for how long. */
export interface KeyScope {
  readonly name: string;
  /** A key is known for this long after its message came. */
  readonly ttlMs: number;
  /** Keys that are known at once; beyond it the oldest are forgotten before their time. */
  readonly limit: number;
}

export interface KeyEntry {
  readonly key: string;
  /** Place of the message that asks for it. */
  readonly holder: string;
}

export interface KeyRequest extends KeyEntry {
  /** A person sends the message again from the dead letters: its own key does not keep it out. */
  readonly resent: boolean;
}

/** `new`: reserved, goes on. `worked`: this very message was worked to its end before. `duplicate`: another message with the key was. */
export type KeyAnswer = "new" | "worked" | "duplicate";

export type Reservation =
  | {
      /** One per request, in their order. */
      readonly answers: readonly KeyAnswer[];
      /** Gives the keys up that are not confirmed. @throws when the store cannot be reached */
      release(): Promise<void>;
    }
  /** Place of the message that is on its way with one of the keys. Nothing was reserved. */
  | { readonly waitsFor: string };
