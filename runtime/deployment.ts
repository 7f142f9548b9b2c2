import type { SourceBehaviour, WebhookAnswer, WebhookRequest } from "../flow/behaviour";
import type { DeploymentLive } from "../flow/control";
import type { FlowDocument } from "../flow/document";
import type { Cause } from "../flow/verdict";
import { ConnectionWatch } from "./connection-watch";
import { Borrower } from "./connections";
import { readLive, type VersionFailure } from "./deployment-live";
import { Holder } from "./holding/holder";
import { MovedStore, type OldPlace } from "./holding/moved-store";
import { InnerSources } from "./inner-sources";
import { describeError, type Log } from "./log";
import { Parking } from "./parking";
import { NodeOpenError, type Pipeline } from "./pipeline";
import { identify, SourceSlot } from "./source-slot";
import type { DesiredDeployment } from "./stores/desired-state";
import { type Version, Versions } from "./versions";
import { findSource, type Workshop } from "./workshop";

/** A version that cannot run is tried again after this long: what it lacks may have come. */
const tryAgainMs = 5_000;

/** One flow in this worker: follows what is wanted of it, one change after the other, and tells how it fares. */
export class Deployment {
  #wanted: DesiredDeployment;
  #carriedOut: DesiredDeployment | null = null;
  #failure: VersionFailure | null = null;
  #watch: ConnectionWatch | null = null;
  /** The version that runs in full: the one before while its last messages end. */
  #version: number;
  #changing: Promise<void> | null = null;
  #stopping = false;
  /** The connection in whose Redis the version that runs holds; absent: Postgres. */
  #holdsIn: string | undefined;
  readonly #slots = new Map<string, SourceSlot>();
  #inner: InnerSources | null = null;
  #holder: Holder;
  readonly #held: MovedStore;
  readonly #versions: Versions;
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
    this.#versions = new Versions({
      workshop,
      parking: this.#parking,
      log: this.#log,
      holdingOf: (at) => this.#holder.holdingOf(at),
      reply: async (message, answer, signal) =>
        (await this.#slots.get(message.meta.source)?.source?.reply?.(message, answer, signal)) ?? { is: "unasked" },
      wanted: () => this.#wanted,
    });
    this.#held = new MovedStore(
      workshop.held.follow(() => this.#holdsIn),
      { log: this.#log },
    );
    this.#holder = this.#makeHolder();
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
    return this.#versions.current?.document ?? null;
  }

  /** What it holds back, if it runs here. */
  get holder(): Holder | null {
    return this.#versions.current ? this.#holder : null;
  }

  /** Was it stopped, and is nothing of it left? */
  get isAtRest(): boolean {
    return !this.#changing && !this.#versions.current && this.#carriedOut?.desired === "stopped";
  }

  /** Takes notice of what is wanted; the change is carried out behind. Called again and again: a change that failed is tried again. */
  follow(wanted: DesiredDeployment): void {
    this.#wanted = wanted;
    this.#inner?.wake();
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
      pipeline: this.#versions.current?.pipeline ?? null,
      failure: this.#failure,
      carriedOut: this.#carriedOut,
      stopping: this.#stopping,
      version: this.#version,
      lanes: [...this.#slots.values()].flatMap((slot) => slot.lanes()),
      held: this.#holder.standing,
      tracesDropped: this.workshop.tracesDropped(this.#wanted.flowId),
    });
  }

  #isBehind(): boolean {
    const failure = this.#failure;
    if (failure?.revision === this.#wanted.revision) return Date.now() - failure.at >= tryAgainMs;
    if (this.#carriedOut?.revision !== this.#wanted.revision || this.#carriedOut.desired !== this.#wanted.desired)
      return true;
    // A connection that was edited: the same version, opened anew with it.
    const { current } = this.#versions;
    return current !== null && !this.#isConnected(current);
  }

  #isConnected({ borrower }: Version): boolean {
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
    const next = await this.#versions.open(wanted);
    const holdsIn = next.document.settings?.holding?.connection;
    const places = await this.workshop.holdingPlaces(wanted.flowId);
    const before = this.#versions.current;
    const kept: SourceSlot[] = [];
    const ending: Promise<void>[] = [];
    const sources = next.pipeline.sources.map((stage) => ({ stage, behaviour: findSource(this.workshop, stage.kind) }));
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
    this.#versions.current = next;
    this.#holdsIn = holdsIn;
    this.#held.leave(places.filter((place) => place !== holdsIn).map((place) => this.#oldPlace(place)));
    this.#watchConnections(next.pipeline);
    for (const slot of kept) slot.show(next.pipeline);
    for (const { stage, behaviour } of sources) {
      if (!this.#slots.has(stage.node)) this.#startSource(wanted, stage, behaviour);
    }
    this.#inner ??= this.#startInner(wanted);
    this.#holder.start();
    await before?.retire();
    this.#version = wanted.version;
  }

  #startSource(
    wanted: DesiredDeployment,
    stage: SourceSlot["options"]["stage"],
    behaviour: SourceBehaviour<never>,
  ): void {
    const { worker, connections, delivery, leases } = this.workshop;
    const slot = new SourceSlot({
      deployment: wanted,
      stage,
      behaviour,
      worker,
      connections,
      delivery,
      leases,
      parking: this.#parking,
      log: this.#log,
      pipeline: () => this.#versions.current!.pipeline,
      context: (borrower) => this.#versions.contextOf(wanted, stage.drawn, borrower),
    });
    this.#slots.set(stage.node, slot);
    slot.start();
  }

  #watchConnections({ version, counters }: Pipeline): void {
    void this.#watch?.stop();
    const { connections } = this.workshop;
    this.#watch = new ConnectionWatch({ connections, plan: version.plan, counters, log: this.#log });
  }

  #startInner(wanted: DesiredDeployment): InnerSources {
    return new InnerSources({
      workshop: this.workshop,
      parking: this.#parking,
      log: this.#log,
      pipeline: () => this.#versions.current!.pipeline,
      context: (node) =>
        this.#versions.contextOf(wanted, { node, input: "in" }, new Borrower(this.workshop.connections)),
    });
  }

  /** Where another version of the flow holds: something may be left there. `undefined`: Postgres. */
  #oldPlace(connection: string | undefined): OldPlace {
    const { held, connections } = this.workshop;
    return {
      store: held.follow(() => connection),
      exists: () => connection === undefined || connections.fingerprint(connection) !== undefined,
    };
  }

  #makeHolder(): Holder {
    const { delivery, openKeeper, neighbours } = this.workshop;
    const { environment, flowId, flow, groupName } = this.#wanted;
    return new Holder({
      store: this.#held,
      scope: { environment, flowId },
      flow,
      groupName,
      log: this.#log,
      versionOf: (version, newerWithNode) => this.#versions.lend(version, newerWithNode),
      holds: () => this.#versions.current?.pipeline.mayHold === true,
      deliver: (flight) => delivery.deliver(flight),
      openKeeper,
      neighbours,
    });
  }

  async #stopRunning(patienceMs: number): Promise<void> {
    if (!this.#versions.current) return;
    this.#stopping = true;
    void this.#watch?.stop();
    this.#watch = null;
    const slots = [...this.#slots.values()];
    await Promise.all([...slots, this.#inner, this.#holder].map((each) => each?.stop(patienceMs)));
    this.#slots.clear();
    this.#inner = null;
    await this.#versions.stop(patienceMs);
    this.#holder = this.#makeHolder();
    this.#stopping = false;
  }
}

/** At a stop, and when a source is replaced, what is on its way may end within this time. */
const stopPatienceMs = 10_000;

function describeFailure(error: unknown): Cause {
  const words = error instanceof Error ? error.message : "It failed unexpectedly.";
  return { code: "node-crashed", message: words };
}
