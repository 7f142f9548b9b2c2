import type { FlowDocument } from "../flow/document";
import { parseFlow } from "../flow/parse";
import type { Deployment } from "./deployment";
import type { Neighbour, Neighbours } from "./holding/ports";
import type { DesiredDeployment } from "./stores/desired-state";

export interface NeighbourhoodOptions {
  /** What is wanted of every flow, of other workers' labels too. */
  wanted(): readonly DesiredDeployment[];
  /** A flow that runs in this worker. */
  deploymentOf(flowId: string): Deployment | undefined;
  document(flowId: string, version: number): Promise<unknown>;
}

/** The flows of the environment, as a flow sees the others. */
export class Neighbourhood implements Neighbours {
  /** By flow and version: a version never changes. */
  readonly #documents = new Map<string, Promise<FlowDocument>>();

  constructor(readonly options: NeighbourhoodOptions) {}

  find(flow: { readonly name: string } | { readonly flowId: string }): Neighbour | undefined {
    const wanted = this.options
      .wanted()
      .find((each) => ("name" in flow ? each.flow === flow.name : each.flowId === flow.flowId));
    if (!wanted) return undefined;
    const { flowId, flow: name, version, desired } = wanted;
    const holder = () => this.options.deploymentOf(flowId)?.holder;
    return {
      flowId,
      flow: name,
      version,
      isRunning: desired === "running",
      document: (number) => this.#read(flowId, name, number),
      wake: () => holder()?.wake(),
      keeper: holder()?.keeper ?? null,
    };
  }

  #read(flowId: string, name: string, version: number): Promise<FlowDocument> {
    const key = `${flowId} ${version}`;
    let reading = this.#documents.get(key);
    if (!reading) {
      reading = this.options.document(flowId, version).then((stored) => {
        const { flow, problems } = parseFlow(stored);
        if (!flow) throw new Error(problems[0]?.message ?? `The flow "${name}" has no version ${version}.`);
        return flow;
      });
      reading.catch(() => this.#documents.delete(key));
      this.#documents.set(key, reading);
    }
    return reading;
  }
}
