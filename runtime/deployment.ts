import type { Behaviour, NodeContext, SourceBehaviour, WebhookAnswer, WebhookRequest } from "../flow/behaviour";
import type { DeploymentLive } from "../flow/control";
import type { FlowDocument } from "../flow/document";
import { parseFlow } from "../flow/parse";
import { planOf } from "../flow/plan";
import type { ReceivedKeys } from "../flow/received-keys";
import { noHolding } from "../flow/testing/holding";
import type { Cause } from "../flow/verdict";
import { ConnectionWatch } from "./connection-watch";
import { Borrower, type Connections } from "./connections";
import type { Delivery } from "./delivery";
import { readLive, type VersionFailure } from "./deployment-live";
import { describeError, type Log } from "./log";
import { type DueStore, ParkedSource } from "./parked-source";
import { Parking, type ParkingStore } from "./parking";
import { NodeOpenError, Pipeline, type PipelineVersion } from "./pipeline";
import { Redrive, type RedriveStore } from "./redrive";
import { SourceHost } from "./source-host";
import { identify, SourceSlot } from "./source-slot";
import type { DesiredDeployment } from "./stores/desired-state";
import type { LeaseStore } from "./stores/leases";

/** What deployments share in a worker. */
export interface Workshop {
  readonly connections: Connections;
  readonly delivery: Delivery;
  readonly leases: LeaseStore;
  readonly redrive: RedriveStore;
  readonly parked: ParkingStore & DueStore;
  readonly receivedKeys: ReceivedKeys;
  readonly log: Log;
  behaviourOf(kind: string): Behaviour | undefined;
  /** The stored document of a version. */
  document(flowId: string, version: number): Promise<unknown>;
  tracesDropped(flowId: string): number;
}

interface Running {
  readonly pipeline: Pipeline;
  readonly borrower: Borrower;
  readonly document: FlowDocument;
}

/** A version that cannot run is tried again after this long: what it lacks may have come. */
const tryAgainMs = 5_000;

/** One flow in this worker: follows what is wanted of it, one change after the other, and tells how it fares. */
export class Deployment {
  #wanted: DesiredDeployment;
  #carriedOut: DesiredDeployment | null = null;
  #failure: VersionFailure | null = null;
  #running: Running | null = null;
  #watch: ConnectionWatch | null = null;
  /** The version that runs in full: the one before while its last messages end. */
  #version: number;
  #changing: Promise<void> | null = null;
  #stopping = false;
  readonly #slots = new Map<string, SourceSlot>();
  #redrive: { readonly source: Redrive; readonly host: SourceHost } | null = null;
  #parked: { readonly source: ParkedSource; readonly host: SourceHost } | null = null;
  readonly #parking: Parking;
  readonly #log: Log;

  constructor(
    wanted: DesiredDeployment,
    readonly workshop: Workshop,
  ) {
    this.#wanted = wanted;
    this.#version = wanted.version;
    this.#parking = new Parking(workshop.parked, wanted.environment, wanted.flowId);
    this.#log = workshop.log.child({ flow: wanted.flow });
  }

  get id(): string {
    return this.#wanted.id;
  }

  get flowId(): string {
    return this.#wanted.flowId;
  }

  get flow(): string {
    return this.#wanted.flow;
  }

  /** The document that runs here, if one does. */
  get document(): FlowDocument | null {
    return this.#running?.document ?? null;
  }

  /** Was it stopped, and is nothing of it left? */
  get isAtRest(): boolean {
    return !this.#changing && !this.#running && this.#carriedOut?.desired === "stopped";
  }

  /** Takes notice of what is wanted; the change is carried out behind. Called again and again: a change that failed is tried again. */
  follow(wanted: DesiredDeployment): void {
    this.#wanted = wanted;
    this.#redrive?.source.wake();
    if (!this.#changing && this.#isBehind()) {
      this.#changing = this.#change().finally(() => {
        this.#changing = null;
      });
    }
  }

  /** Ends everything here; what is on its way may end within `patienceMs`. Never rejects. */
  async stop(patienceMs: number): Promise<void> {
    this.#wanted = { ...this.#wanted, desired: "stopped" };
    await this.#changing;
    await this.#stopRunning(patienceMs);
  }

  /** Answers a webhook request, when one of its sources serves it. */
  accept(request: WebhookRequest): Promise<WebhookAnswer> | undefined {
    for (const slot of this.#slots.values()) {
      const answer = slot.source?.accept?.(request);
      if (answer) return answer;
    }
    return undefined;
  }

  async readProgress(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.readProgress()));
  }

  live(): DeploymentLive {
    return readLive({
      pipeline: this.#running?.pipeline ?? null,
      failure: this.#failure,
      carriedOut: this.#carriedOut,
      stopping: this.#stopping,
      version: this.#version,
      lanes: [...this.#slots.values()].flatMap((slot) => slot.lanes()),
      tracesDropped: this.workshop.tracesDropped(this.#wanted.flowId),
    });
  }

  #isBehind(): boolean {
    const failure = this.#failure;
    if (failure?.revision === this.#wanted.revision) return Date.now() - failure.at >= tryAgainMs;
    if (this.#carriedOut?.revision !== this.#wanted.revision || this.#carriedOut.desired !== this.#wanted.desired)
      return true;
    // A connection that was edited: the same version, opened anew with it.
    return this.#running !== null && !this.#isConnected(this.#running);
  }

  #isConnected({ borrower }: Running): boolean {
    return borrower.isCurrent() && [...this.#slots.values()].every((slot) => slot.isCurrent);
  }

  async #change(): Promise<void> {
    const wanted = this.#wanted;
    const startedAt = performance.now();
    try {
      if (wanted.desired === "running") await this.#run(wanted);
      else await this.#stopRunning(stopPatienceMs);
      this.#failure = null;
      this.#carriedOut = wanted;
      this.#log.info(
        { version: wanted.version, revision: wanted.revision, tookMs: Math.round(performance.now() - startedAt) },
        wanted.desired,
      );
    } catch (error) {
      const node = error instanceof NodeOpenError ? { node: error.node } : {};
      const cause = error instanceof NodeOpenError ? error.reason : describeFailure(error);
      if (this.#failure?.revision !== wanted.revision)
        this.#log.warn({ ...node, cause: cause.code, ...describeError(error) }, "version cannot run");
      this.#failure = { cause, ...node, revision: wanted.revision, at: Date.now() };
    }
  }

  /** Opens the version; sources that are still the same are kept, and their lanes go on with it after their current batch. */
  async #run(wanted: DesiredDeployment): Promise<void> {
    const next = await this.#open(wanted);
    const before = this.#running;
    const kept: SourceSlot[] = [];
    const ending: Promise<void>[] = [];
    const sources = next.pipeline.sources.map((stage) => ({ stage, behaviour: this.#sourceBehaviour(stage.kind) }));
    for (const [node, slot] of this.#slots) {
      const same = sources.find(({ stage }) => stage.node === node);
      if (same && slot.fits(identify(wanted, same.stage, same.behaviour, next.pipeline.version.delivery))) {
        kept.push(slot);
        continue;
      }
      this.#slots.delete(node);
      ending.push(slot.stop(stopPatienceMs));
    }
    await Promise.all(ending);
    this.#running = next;
    this.#watchConnections(next.pipeline);
    for (const slot of kept) slot.show(next.pipeline);
    for (const { stage, behaviour } of sources) {
      if (!this.#slots.has(stage.node)) this.#startSource(wanted, stage, behaviour);
    }
    this.#startRedrive(wanted);
    this.#startParked(wanted);
    if (before) {
      await before.pipeline.drain();
      await before.pipeline.close();
      before.borrower.release();
    }
    this.#version = wanted.version;
  }

  async #open(wanted: DesiredDeployment): Promise<Running> {
    const stored = await this.workshop.document(wanted.flowId, wanted.version);
    const { flow: document, problems } = parseFlow(stored);
    if (!document) throw new Error(problems[0]?.message ?? `There is no version ${wanted.version}.`);
    const borrower = new Borrower(this.workshop.connections);
    const version: PipelineVersion = {
      flowId: wanted.flowId,
      flow: wanted.flow,
      environment: wanted.environment,
      version: wanted.version,
      trace: document.settings?.trace,
      delivery: document.settings?.delivery ?? "at-least-once",
      deadLetters: document.settings?.deadLetters,
      plan: planOf(document),
    };
    try {
      const pipeline = await Pipeline.open(
        version,
        (kind) => this.#behaviour(kind),
        (_, node) => this.#makeContext(wanted, node, borrower),
        // What is parked is worked outside of its lane's transactions.
        version.delivery === "exactly-once" ? undefined : this.#parking,
      );
      return { pipeline, borrower, document };
    } catch (error) {
      borrower.release();
      throw error;
    }
  }

  #startSource(
    wanted: DesiredDeployment,
    stage: SourceSlot["options"]["stage"],
    behaviour: SourceBehaviour<never>,
  ): void {
    const { connections, delivery, leases } = this.workshop;
    const slot = new SourceSlot({
      deployment: wanted,
      stage,
      behaviour,
      connections,
      delivery,
      leases,
      parking: this.#parking,
      log: this.#log,
      pipeline: () => this.#running!.pipeline,
      context: (borrower) => this.#makeContext(wanted, stage.node, borrower),
    });
    this.#slots.set(stage.node, slot);
    slot.start();
  }

  #watchConnections({ version, counters }: Pipeline): void {
    void this.#watch?.stop();
    const { connections } = this.workshop;
    this.#watch = new ConnectionWatch({ connections, plan: version.plan, counters, log: this.#log });
  }

  #startRedrive(wanted: DesiredDeployment): void {
    if (this.#redrive) return;
    const source = new Redrive({
      store: this.workshop.redrive,
      environment: wanted.environment,
      flowId: wanted.flowId,
      log: this.#log,
      pipeline: () => this.#running!.pipeline,
    });
    this.#redrive = { source, host: this.#startInner(wanted, "redrive", source) };
  }

  #startParked(wanted: DesiredDeployment): void {
    if (this.#parked) return;
    const source = new ParkedSource({
      store: this.workshop.parked,
      letters: this.workshop.delivery.store,
      parking: this.#parking,
      log: this.#log,
      pipeline: () => this.#running!.pipeline,
    });
    this.#parked = { source, host: this.#startInner(wanted, "parked", source) };
  }

  /** Runs a source that is not drawn: what comes from it was in the flow before. */
  #startInner(wanted: DesiredDeployment, node: string, source: Redrive | ParkedSource): SourceHost {
    const host = new SourceHost({
      node,
      behaviour: source.behaviour,
      config: {},
      groupId: "",
      start: { from: "kind" },
      delivery: "at-least-once",
      context: () => this.#makeContext(wanted, node, new Borrower(this.workshop.connections)),
      begin: (messages) => source.begin(messages),
      window: () => this.#running!.pipeline.window,
      deliver: (flight) => this.workshop.delivery.deliver(flight),
      onStatus: () => {},
      log: this.#log,
    });
    host.start();
    return host;
  }

  async #stopRunning(patienceMs: number): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#stopping = true;
    void this.#watch?.stop();
    this.#watch = null;
    const slots = [...this.#slots.values()];
    const inner = [this.#redrive?.host, this.#parked?.host];
    await Promise.all([...slots, ...inner].map((source) => source?.stop(patienceMs)));
    this.#slots.clear();
    this.#redrive = null;
    this.#parked = null;
    await running.pipeline.drain(patienceMs);
    await running.pipeline.close();
    running.borrower.release();
    this.#running = null;
    this.#stopping = false;
  }

  #behaviour(kind: string): Behaviour {
    const behaviour = this.workshop.behaviourOf(kind);
    if (!behaviour) throw new Error(`This worker does not know the kind "${kind}".`);
    return behaviour;
  }

  #sourceBehaviour(kind: string): SourceBehaviour<never> {
    const behaviour = this.#behaviour(kind);
    if (behaviour.role !== "source") throw new Error(`The kind "${kind}" is no source.`);
    return behaviour;
  }

  #makeContext(wanted: DesiredDeployment, node: string, borrower: Borrower): NodeContext {
    const log = this.#log;
    return {
      flow: wanted.flow,
      groupName: wanted.groupName,
      environment: wanted.environment,
      version: wanted.version,
      node,
      input: "in",
      connection: (kind, name) => borrower.connection(kind, name),
      receivedKeys: this.workshop.receivedKeys,
      holding: noHolding,
      log: (level, message, fields) => log[level]({ node, ...fields }, message),
      now: Date.now,
    };
  }
}

/** At a stop, and when a source is replaced, what is on its way may end within this time. */
const stopPatienceMs = 10_000;

function describeFailure(error: unknown): Cause {
  const words = error instanceof Error ? error.message : "It failed unexpectedly.";
  return { code: "node-crashed", message: words };
}
