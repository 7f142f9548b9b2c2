import type { Delivery, NodeContext, SourceBehaviour } from "../flow/behaviour";
import type { LaneLive } from "../flow/control";
import type { Message } from "../flow/message";
import type { Stage } from "../flow/plan";
import { Borrower, type Connections } from "./connections";
import type { Delivery as FlightDelivery } from "./delivery";
import { LeaseKeeper } from "./lease-keeper";
import type { Log } from "./log";
import type { Pipeline } from "./pipeline";
import { SourceHost, type SourceHostOptions, type SourceStatus } from "./source-host";
import type { DesiredDeployment } from "./stores/desired-state";
import type { LeaseStore } from "./stores/leases";

export interface SourceSlotOptions {
  readonly deployment: DesiredDeployment;
  readonly stage: Stage;
  readonly behaviour: SourceBehaviour<never>;
  readonly connections: Connections;
  readonly delivery: FlightDelivery;
  readonly leases: LeaseStore;
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

  #hostOptions(): SourceHostOptions {
    const { behaviour, stage, deployment, delivery, log } = this.options;
    return {
      node: stage.node,
      behaviour,
      config: stage.config,
      groupId: makeGroupId(deployment, stage),
      start: deployment.start,
      delivery: this.options.pipeline().version.delivery,
      context: () => this.options.context(this.#borrower),
      begin: (messages: readonly Message[]) => this.options.pipeline().begin(stage.node, messages),
      window: () => this.options.pipeline().window,
      deliver: (flight) => delivery.deliver(flight),
      onStatus: (status) => this.#become(status),
      log,
    };
  }
}

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
  const own = (stage.config as { groupId?: unknown } | null)?.groupId;
  if (typeof own === "string" && own !== "") return own;
  return `millrace.${environment}.${groupName}.${stage.node}${generation > 1 ? `.g${generation}` : ""}`;
}
