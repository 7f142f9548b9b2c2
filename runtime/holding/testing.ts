import type { HeldScope, HeldStore } from "../../flow/holding";
import type { Message } from "../../flow/message";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { openDelivery, openPipeline, silent, type TestDelivery, type TestNode } from "../testing";
import { type OpenVersion, Version } from "../versions";
import { Holder, type HolderOptions } from "./holder";
import type { OpenKeeper } from "./ports";

/** Carries out no sagas. */
const openNoSagas: OpenKeeper = () => ({
  room: 0,
  take: () => {},
  inHand: () => [],
  start: async () => [],
  answer: async () => [],
  arrive: async () => [],
  look: () => {},
  act: async () => ({ done: false, why: "unknown-saga", words: "There are no sagas here." }),
  stop: async () => {},
});

export const testScope: HeldScope = { environment: "default", flowId: "flow-1" };

export interface TestHolding extends TestDelivery {
  /** The one that was given, else a new one. */
  readonly store: MemoryHeldStore;
  readonly holder: Holder;
  /** What was sent to sinks: what each was given, in their order. */
  lend(version: number): Promise<OpenVersion>;
  /** Sends messages from the source `in` on their way. */
  send(...messages: Message[]): Promise<boolean>;
}

/**
 * A holder as a worker has it, over a pipeline of these nodes, with a store in memory (that several may share). A node that holds is a sink
 * with exits, which `hold` is given for.
 */
export async function openHolding(
  nodes: (holder: () => Holder) => Record<string, TestNode>,
  options: Partial<HolderOptions> & { readonly store?: HeldStore; readonly version?: number } = {},
): Promise<TestHolding> {
  const store = (options.store ?? new MemoryHeldStore()) as MemoryHeldStore;
  const opened = openDelivery();
  let holder: Holder;
  const pipeline = await openPipeline(
    nodes(() => holder),
    options.version ?? 1,
  );
  const version = new Version(options.version ?? 1, {} as never, pipeline, {
    connection: () => {},
    release: () => {},
  } as never);
  holder = new Holder({
    scope: testScope,
    flow: "test",
    groupName: "test",
    log: silent,
    versionOf: async () => version.use(),
    holds: () => true,
    deliver: (flight) => opened.delivery.deliver(flight),
    openKeeper: openNoSagas,
    neighbours: { find: () => undefined },
    ...options,
    store,
  });
  return Object.assign(opened, {
    store,
    holder,
    lend: async () => version.use(),
    send: (...messages: Message[]) => opened.delivery.deliver(pipeline.begin("in", messages)),
  });
}
