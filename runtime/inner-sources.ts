import type { NodeContext } from "../flow/behaviour";
import type { Log } from "./log";
import { ParkedSource } from "./parked-source";
import type { Parking } from "./parking";
import type { Pipeline } from "./pipeline";
import { Redrive } from "./redrive";
import { SourceHost } from "./source-host";
import type { Workshop } from "./workshop";

export interface InnerSourcesOptions {
  readonly workshop: Workshop;
  readonly parking: Parking;
  readonly log: Log;
  /** The version that is current. */
  pipeline(): Pipeline;
  context(node: string): NodeContext;
}

/** The sources of a deployment that are not drawn: what comes from them was in the flow before. */
export class InnerSources {
  readonly #redrive: Redrive;
  readonly #hosts: readonly SourceHost[];

  constructor(readonly options: InnerSourcesOptions) {
    const { workshop, parking, log, pipeline } = options;
    const { environment, flowId } = parking;
    this.#redrive = new Redrive({ store: workshop.redrive, environment, flowId, log, pipeline });
    const parked = new ParkedSource({
      store: workshop.parked,
      letters: workshop.delivery.store,
      parking,
      log,
      pipeline,
    });
    this.#hosts = [this.#start("redrive", this.#redrive), this.#start("parked", parked)];
  }

  /** Letters may have been asked for. */
  wake(): void {
    this.#redrive.wake();
  }

  async stop(patienceMs: number): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop(patienceMs)));
  }

  #start(node: string, source: Redrive | ParkedSource): SourceHost {
    const { workshop, log, pipeline, context } = this.options;
    const host = new SourceHost({
      node,
      behaviour: source.behaviour,
      config: {},
      groupId: "",
      worker: workshop.worker,
      start: { from: "kind" },
      delivery: "at-least-once",
      context: () => context(node),
      begin: (messages) => source.begin(messages),
      // Each enters where it failed or waited.
      window: () => ({ ...pipeline().window(), together: 1 }),
      deliver: (flight) => workshop.delivery.deliver(flight),
      onStatus: () => {},
      log,
    });
    host.start();
    return host;
  }
}
