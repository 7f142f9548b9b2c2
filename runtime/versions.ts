import type { NodeContext } from "../flow/behaviour";
import type { ConnectionKindName, ConnectionPorts } from "../flow/connection-ports";
import type { FlowDocument } from "../flow/document";
import { parseFlow } from "../flow/parse";
import { planOf, type Stage } from "../flow/plan";
import { Borrower } from "./connections";
import type { HeldVersion, HoldingOf } from "./holding/ports";
import type { Log } from "./log";
import type { NodeCounters } from "./node-counters";
import type { Parking } from "./parking";
import { Pipeline, type PipelineVersion } from "./pipeline";
import type { DesiredDeployment } from "./stores/desired-state";
import { findBehaviour, type Workshop } from "./workshop";

/** An older version is kept open for a while after it was used: the next of its sagas comes soon. */
const idleCloseMs = 60_000;
/** One that cannot be opened is not tried again before. */
const tryAgainMs = 5_000;

/** A version that somebody has, to be given back. */
export interface OpenVersion extends HeldVersion {
  readonly pipeline: Pipeline;
}

/** A version of a flow, opened: its document, its pipeline, the connections of its nodes. */
export class Version {
  #uses = 0;
  #isRetired = false;
  #closing: Promise<void> | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(
    readonly number: number,
    readonly document: FlowDocument,
    readonly pipeline: Pipeline,
    readonly borrower: Borrower,
  ) {}

  use(): OpenVersion {
    clearTimeout(this.#idle);
    this.#uses++;
    let isReleased = false;
    const { pipeline, borrower } = this;
    return {
      version: this.number,
      document: this.document,
      plan: pipeline.version.plan,
      pipeline,
      countersOf: (node) => pipeline.counters.get(node),
      connection: <Kind extends ConnectionKindName>(kind: Kind, name: string): ConnectionPorts[Kind] =>
        borrower.connection(kind, name),
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#uses--;
        if (this.#uses === 0) this.#becomeIdle();
      },
    };
  }

  /** Counters of a node, if another version has the same there. A further input of a node is known as `node.input`. */
  countersOf(node: string, other: FlowDocument): NodeCounters | undefined {
    const kindIn = ({ nodes }: FlowDocument) => nodes.find(({ id }) => id === node || node.startsWith(`${id}.`))?.kind;
    const kind = kindIn(this.document);
    return kind !== undefined && kind === kindIn(other) ? this.pipeline.counters.get(node) : undefined;
  }

  /** What is on its way ends; it is closed when nobody has it any more. */
  async retire(patienceMs?: number): Promise<void> {
    await this.pipeline.drain(patienceMs);
    this.#isRetired = true;
    if (this.#uses === 0) await this.close();
  }

  close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#closing ??= this.pipeline.close().then(() => this.borrower.release());
    return this.#closing;
  }

  /** Calls when nobody has had it for a while. */
  watchIdle(then: () => void): void {
    this.#onIdle = then;
    if (this.#uses === 0) this.#becomeIdle();
  }
  #onIdle: (() => void) | undefined;

  #becomeIdle(): void {
    if (this.#isRetired) void this.close();
    else if (this.#onIdle) this.#idle = setTimeout(this.#onIdle, idleCloseMs).unref();
  }
}

export interface VersionsOptions {
  readonly workshop: Workshop;
  readonly parking: Parking;
  readonly log: Log;
  readonly holdingOf: HoldingOf;
  readonly reply: NodeContext["reply"];
  wanted(): DesiredDeployment;
}

/** The versions of a flow that are open in this worker: the one that runs, and older ones on which sagas began that have not ended. */
export class Versions {
  #current: Version | null = null;
  readonly #older = new Map<number, Promise<Version>>();

  constructor(readonly options: VersionsOptions) {}

  /** The one that runs. */
  get current(): Version | null {
    return this.#current;
  }

  /** Older ones count beside the one that runs: they are opened anew beside the next. */
  set current(next: Version | null) {
    this.#current = next;
    for (const [number, opening] of this.#older)
      opening.then(
        (version) => this.#older.get(number) === opening && this.#forget(number, version),
        () => {},
      );
  }

  /** Opens a version; it does not run yet. `beside`: its work counts at the nodes of that one, where they are the same. @throws Error (NodeOpenError) when it cannot run */
  async open(wanted: DesiredDeployment, beside: Version | null = null): Promise<Version> {
    const { workshop, parking } = this.options;
    const stored = await workshop.document(wanted.flowId, wanted.version);
    const { flow: document, problems } = parseFlow(stored);
    if (!document) throw new Error(problems[0]?.message ?? `There is no version ${wanted.version}.`);
    const borrower = new Borrower(workshop.connections);
    const version: PipelineVersion = {
      flowId: wanted.flowId,
      flow: wanted.flow,
      environment: wanted.environment,
      version: wanted.version,
      trace: document.settings?.trace,
      asked: () => workshop.recordings?.of(wanted.flowId) ?? [],
      searchable: document.settings?.searchable,
      masked: document.settings?.masked,
      delivery: document.settings?.delivery ?? "at-least-once",
      deadLetters: document.settings?.deadLetters,
      plan: planOf(document),
    };
    try {
      const pipeline = await Pipeline.open(
        version,
        (kind) => findBehaviour(workshop, kind),
        (_, at, count) => this.contextOf(wanted, at, borrower, count),
        // What is parked is worked outside of its lane's transactions.
        version.delivery === "exactly-once" ? undefined : parking,
        (node) => beside?.countersOf(node, document),
      );
      return new Version(wanted.version, document, pipeline, borrower);
    } catch (error) {
      borrower.release();
      throw error;
    }
  }

  /** What a node of a version is given. */
  contextOf(
    wanted: DesiredDeployment,
    { node, input }: Stage["drawn"],
    borrower: Borrower,
    count: NodeContext["count"] = () => {},
  ): NodeContext {
    const { workshop, log, holdingOf, reply } = this.options;
    const { flow, groupName, environment, version } = wanted;
    return {
      flow,
      groupName,
      environment,
      version,
      node,
      input,
      connection: (kind, name) => borrower.connection(kind, name),
      receivedKeys: workshop.receivedKeys,
      holding: holdingOf({ node, version }),
      reply,
      count,
      log: (level, message, fields) => log[level]({ node, ...fields }, message),
      now: Date.now,
    };
  }

  /**
   * Lends the version of that number; the one that runs instead, where it holds messages at the node that is named. An older one is opened
   * when it is asked for. Rejects when it cannot be opened.
   */
  async lend(number: number, newerWithNode: string | null): Promise<OpenVersion> {
    const { current } = this;
    const isCurrent = current?.number === number;
    if (current && (isCurrent || (newerWithNode !== null && current.pipeline.holds(newerWithNode))))
      return current.use();
    const older = await this.#openOlder(number);
    if (older.borrower.isCurrent()) return older.use();
    // A connection was edited: the same version, opened anew with it.
    this.#forget(number, older);
    return (await this.#openOlder(number)).use();
  }

  /** Ends all; nobody must have one any more. */
  async stop(patienceMs: number): Promise<void> {
    const older = [...this.#older.values()];
    this.#older.clear();
    const opened = await Promise.allSettled([...older, ...(this.current ? [this.current] : [])]);
    await Promise.all(
      opened.map(async (each) => {
        if (each.status === "rejected") return;
        await each.value.pipeline.drain(patienceMs);
        await each.value.close();
      }),
    );
    this.current = null;
  }

  #openOlder(number: number): Promise<Version> {
    const known = this.#older.get(number);
    if (known) return known;
    const opening = this.open({ ...this.options.wanted(), version: number }, this.#current);
    this.#older.set(number, opening);
    opening.then(
      (version) => {
        this.options.log.info({ version: number }, "older version opened: it still has sagas or messages");
        version.watchIdle(() => this.#forget(number, version));
      },
      () => setTimeout(() => this.#older.get(number) === opening && this.#older.delete(number), tryAgainMs).unref(),
    );
    return opening;
  }

  #forget(number: number, version: Version): void {
    this.#older.delete(number);
    void version.retire();
  }
}
