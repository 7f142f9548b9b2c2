import type { Plan } from "../flow/plan";
import type { Cause } from "../flow/verdict";
import { sleep } from "./backoff";
import type { Connections } from "./connections";
import { describeError, type Log } from "./log";
import type { NodeCounters } from "./node-counters";
import { type Transport, TransportError } from "./transport";

/** How soon a connection is asked again, after it failed and after it answered. */
export interface WatchPace {
  readonly failingMs: number;
  readonly wellMs: number;
}

const usualPace: WatchPace = { failingMs: 3_000, wellMs: 15_000 };

export interface WatchOptions {
  readonly connections: Pick<Connections, "use">;
  readonly plan: Plan;
  readonly counters: ReadonlyMap<string, NodeCounters>;
  readonly log: Log;
  readonly pace?: WatchPace;
}

/**
 * Tells on steps and sinks that their broker is away before a message finds out: each connection of a running version is
 * tested beside the pipeline, which never waits for it. Sources tell for themselves.
 */
export class ConnectionWatch {
  readonly #abort = new AbortController();
  readonly #ended: Promise<unknown>;

  constructor(readonly options: WatchOptions) {
    this.#ended = Promise.all(
      [...findNodes(options.plan)].map(([name, nodes]) =>
        this.#watch(
          name,
          nodes.flatMap((node) => options.counters.get(node) ?? []),
        ),
      ),
    );
  }

  /** Asks no more and takes back what it says of the nodes. Resolves when the last test has ended; need not be awaited. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  /** One test after the other, so that they never overlap. Never rejects. */
  async #watch(name: string, nodes: readonly NodeCounters[]): Promise<void> {
    const { failingMs, wellMs } = this.options.pace ?? usualPace;
    const { signal } = this.#abort;
    // Nothing is known yet: "running" would be said too soon.
    for (const counters of nodes) counters.become("starting", Date.now());
    let holds: ReturnType<NodeCounters["hold"]>[] = [];
    const release = () => {
      for (const hold of holds) hold.release();
      holds = [];
    };
    signal.addEventListener("abort", release, { once: true });
    let mayBeMsOld = 0;
    while (!signal.aborted) {
      const { cause, isWatched } = await this.#test(name, mayBeMsOld);
      if (signal.aborted) return;
      if (!cause) release();
      else if (holds.length > 0) for (const hold of holds) hold.change("degraded", cause);
      else holds = nodes.map((counters) => counters.hold("degraded", cause, Date.now()));
      for (const counters of nodes) counters.become("running", Date.now());
      if (!isWatched) return;
      const pauseMs = cause ? failingMs : wellMs;
      mayBeMsOld = pauseMs / 2;
      await sleep(pauseMs, signal);
    }
  }

  async #test(name: string, mayBeMsOld: number): Promise<{ cause?: Cause; isWatched: boolean }> {
    try {
      return await this.options.connections.use({ name }, async (transport) => {
        // What HTTP reaches differs from request to request.
        if (transport.kind === "http") return { isWatched: false };
        await testShared(transport, mayBeMsOld);
        return { isWatched: true };
      });
    } catch (error) {
      if (error instanceof TransportError) return { cause: error.reason, isWatched: true };
      this.options.log.warn({ connection: name, ...describeError(error) }, "connection test failed unexpectedly");
      return { isWatched: true };
    }
  }
}

interface SharedTest {
  readonly answer: Promise<unknown>;
  /** `null` while it is under way. */
  endedAt: number | null;
}

/** The last test of each transport: flows that name the same connection share it. */
const lastTests = new WeakMap<Transport, SharedTest>();

/** Joins a test that is under way, takes the answer of one that is young enough, or tests. @throws TransportError */
function testShared(transport: Transport, mayBeMsOld: number): Promise<unknown> {
  const last = lastTests.get(transport);
  if (last && (last.endedAt === null || performance.now() - last.endedAt < mayBeMsOld)) return last.answer;
  const test: SharedTest = { answer: transport.reach?.() ?? transport.test(), endedAt: null };
  const end = () => {
    test.endedAt = performance.now();
  };
  test.answer.then(end, end);
  lastTests.set(transport, test);
  return test.answer;
}

/** Steps and sinks, those inside of sagas too, by the connections that they name. */
function findNodes({ segments, sagas }: Plan): Map<string, string[]> {
  const nodes = new Map<string, string[]>();
  const note = (name: string, node: string) => nodes.set(name, [...(nodes.get(name) ?? []), node]);
  for (const { node, role, config } of segments.flatMap((segment) => segment.stages)) {
    const name = (config as { readonly connection?: unknown } | null | undefined)?.connection;
    if (role !== "source" && typeof name === "string" && name !== "") note(name, node);
  }
  for (const drawn of sagas.flatMap((saga) => Object.values(saga.nodes)))
    if (drawn.does === "step") for (const name of drawn.connections ?? []) note(name, drawn.id);
  return nodes;
}
