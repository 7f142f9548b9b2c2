import type { Delivery, NodeContext, SourceBehaviour } from "../flow/behaviour";
import type { LaneLive } from "../flow/control";
import type { Message } from "../flow/message";
import type { Stage } from "../flow/plan";
import { readNamedGroup } from "../flow/source-group";
import type { Cause } from "../flow/verdict";
import { computeDependencyDelay, sleep, waitAtMost } from "./backoff";
import { Borrower, type Connections } from "./connections";
import type { Delivery as FlightDelivery } from "./delivery";
import { LeaseKeeper } from "./lease-keeper";
import { describeError, type Log } from "./log";
import type { Parking } from "./parking";
import type { Pipeline } from "./pipeline";
import { SourceHost, type SourceHostOptions, type SourceStatus } from "./source-host";
import type { DesiredDeployment } from "./stores/desired-state";
import type { LeaseStore } from "./stores/leases";

export interface SourceSlotOptions {
  readonly deployment: DesiredDeployment;
  readonly stage: Stage;
  readonly behaviour: SourceBehaviour<never>;
  /** Names this worker. */
  readonly worker: string;
  readonly connections: Connections;
  readonly delivery: FlightDelivery;
  readonly leases: LeaseStore;
  /** Messages of its lanes that wait for a later try. */
  readonly parking: Parking;
  readonly log: Log;
  /** The version that is current. */
  pipeline(): Pipeline;
  context(borrower: Borrower): NodeContext;
}

/** A source of a deployment: its host, over all versions that leave it as it is, and the lease of one that must run once. */
export class SourceSlot {
  readonly identity: string;
  status: SourceStatus = { is: "starting" };
  #host: SourceHost | null = null;
  #keeper: LeaseKeeper | null = null;
  #isStopping = false;
  readonly #borrower: Borrower;

  constructor(readonly options: SourceSlotOptions) {
    this.identity = identify(options.deployment, options.stage, options.behaviour, options.pipeline().version.delivery);
    this.#borrower = new Borrower(options.connections);
  }

  /** May a version with this source go on with what is open? */
  fits(identity: string): boolean {
    return this.identity === identity && this.#borrower.isCurrent();
  }

  get isCurrent(): boolean {
    return this.#borrower.isCurrent();
  }

  get source() {
    return this.#host?.source ?? null;
  }

  start(): void {
    const { behaviour, deployment, stage, leases, log } = this.options;
    if (!behaviour.once) {
      this.#host = new SourceHost(this.#hostOptions());
      this.#host.start();
      return;
    }
    const { environment, flowId, generation } = deployment;
    this.#keeper = new LeaseKeeper({
      store: leases,
      key: { environment, flowId, node: stage.node, generation },
      log,
      gained: (lease) => {
        this.#host = new SourceHost(this.#hostOptions(), lease);
        this.#host.start();
      },
      lost: async () => {
        const host = this.#host;
        this.#host = null;
        await host?.stop(0);
        this.#become({ is: "running" });
      },
    });
    // Waiting for its turn is its good state here: another worker runs it.
    this.#become({ is: "running" });
    this.#keeper.start();
  }

  /** Never rejects. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#host?.stop(patienceMs);
    await this.#keeper?.stop();
    // The lease may have come while it was being stopped.
    await this.#host?.stop(0);
    this.#borrower.release();
  }

  /** Shows its state on the version that is current. */
  show(pipeline: Pipeline): void {
    pipeline.counters.get(this.options.stage.node)?.become(this.status.is, Date.now(), this.status.cause);
  }

  async readProgress(): Promise<void> {
    await this.#host?.readProgress();
  }

  lanes(): LaneLive[] {
    return this.#host?.lanes() ?? [];
  }

  #become(status: SourceStatus): void {
    this.status = status;
    this.show(this.options.pipeline());
  }

  /** Learns what is parked of a lane before it begins, so that nothing overtakes it. Asks again and again while the store is away. */
  async #openLane(lane: string): Promise<void> {
    const { parking, stage, log } = this.options;
    for (let refusals = 1; ; refusals++) {
      try {
        const opening = parking.open(stage.node, lane).then(() => true);
        if (await waitAtMost(opening, openTimeoutMs)) return;
        throw new Error("no answer in time");
      } catch (error) {
        // Where nothing can be parked a database that is away holds up nothing.
        if (!this.options.pipeline().mayPark) return parking.assume(stage.node, lane);
        if (refusals === 1)
          log.warn({ lane, ...describeError(error) }, "lane waits: what is parked of it cannot be read");
        this.#become({ is: "degraded", cause: parkedUnknown });
        await sleep(computeDependencyDelay(refusals, undefined));
        if (this.#isStopping) return;
      }
    }
  }

  #hostOptions(): SourceHostOptions {
    const { behaviour, stage, deployment, delivery, log } = this.options;
    const inHand = behaviour.inHand?.(stage.config as never);
    return {
      node: stage.node,
      behaviour,
      config: stage.config,
      groupId: makeGroupId(deployment, stage),
      worker: this.options.worker,
      start: deployment.start,
      delivery: this.options.pipeline().version.delivery,
      context: () => this.options.context(this.#borrower),
      responds: () => this.options.pipeline().responds(stage.node),
      begin: (messages: readonly Message[]) => this.options.pipeline().begin(stage.node, messages),
      openLane: (lane) => this.#openLane(lane),
      closeLane: (lane) => this.options.parking.close(stage.node, lane),
      window: () => this.options.pipeline().window(inHand),
      deliver: (flight) => delivery.deliver(flight),
      onStatus: (status) => this.#become(status),
      log,
    };
  }
}

const openTimeoutMs = 3_000;
const parkedUnknown: Cause = {
  code: "store-unreachable",
  message:
    "Postgres cannot be reached, so it is not known which messages of the lane wait for a later try. The lane begins when it is.",
};

/** What must stay equal for a source to be kept open: its own say, and the group that it consumes as. */
export function identify(
  deployment: DesiredDeployment,
  stage: Stage,
  behaviour: SourceBehaviour<never>,
  delivery: Delivery,
): string {
  return JSON.stringify([
    stage.kind,
    delivery,
    behaviour.identity(stage.config as never),
    makeGroupId(deployment, stage),
    deployment.generation,
  ]);
}

/** The group belongs to the deployment's source: fixed at the first deploy, with a generation for those that begin anew. */
export function makeGroupId({ environment, groupName, generation }: DesiredDeployment, stage: Stage): string {
  const named = readNamedGroup(stage.kind, stage.config);
  if (named) return named.group;
  return `millrace.${environment}.${groupName}.${stage.node}${generation > 1 ? `.g${generation}` : ""}`;
}
