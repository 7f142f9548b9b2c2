import pg from "pg";
import type { WebhookAnswer, WebhookRequest } from "../flow/behaviour";
import { controlChannel, type DeploymentLive } from "../flow/control";
import { computeDependencyDelay, sleep } from "./backoff";
import type { Connections } from "./connections";
import { Deployment } from "./deployment";
import { describeError, type Log } from "./log";
import { Neighbourhood } from "./neighbours";
import type { DesiredDeployment, DesiredState } from "./stores/desired-state";
import type { Presence } from "./stores/presence";
import type { Workshop } from "./workshop";

const pollMs = 1_000;
/** A row that says nothing new is still written this often, so that it is seen to be alive. */
const sameLiveEveryMs = 3_000;

/**
 * Follows what is wanted: starts, swaps and stops deployments, and tells how they fare. Wakes on a notification, and looks once a
 * second all the same. Without Postgres everything goes on as it was; each deployment is on its own, so that one that fails stops no other.
 */
export class Supervisor {
  readonly deployments = new Map<string, Deployment>();
  readonly #workshop: Workshop;
  #wanted: readonly DesiredDeployment[] = [];
  readonly #abort = new AbortController();
  #wake = new AbortController();
  #loops: Promise<unknown> | null = null;
  #told = new Map<string, { readonly text: string; readonly at: number }>();
  readonly #forgotten = new Set<string>();
  #lastRefusal = "";
  #looked = false;

  constructor(
    readonly desired: DesiredState,
    readonly connections: Connections,
    readonly presence: Presence,
    workshop: Omit<Workshop, "neighbours">,
    readonly databaseUrl: string,
    readonly log: Log,
  ) {
    const neighbours = new Neighbourhood({
      wanted: () => this.#wanted,
      deploymentOf: (flowId) => this.findByFlowId(flowId),
      document: (flowId, version) => workshop.document(flowId, version),
    });
    this.#workshop = { ...workshop, neighbours };
  }

  /** Could it read what is wanted, when it last looked? */
  get isReady(): boolean {
    return this.#looked && !this.#abort.signal.aborted;
  }

  start(): void {
    this.#loops = Promise.all([this.#follow(), this.#listen(), this.#report()]);
  }

  /** Ends every deployment side by side, within the time. */
  async stop(patienceMs: number): Promise<void> {
    this.#abort.abort();
    this.#wake.abort();
    await Promise.all([...this.deployments.values()].map((deployment) => deployment.stop(patienceMs)));
    await this.#loops;
  }

  accept(request: WebhookRequest): Promise<WebhookAnswer> | undefined {
    for (const deployment of this.deployments.values()) {
      const answer = deployment.accept(request);
      if (answer) return answer;
    }
    return undefined;
  }

  findByFlow(flow: string): Deployment | undefined {
    return [...this.deployments.values()].find((deployment) => deployment.flow === flow);
  }

  findByFlowId(flowId: string): Deployment | undefined {
    return [...this.deployments.values()].find((deployment) => deployment.flowId === flowId);
  }

  async #follow(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      this.#wake = new AbortController();
      try {
        await this.#lookOnce();
        this.#looked = true;
        this.#lastRefusal = "";
      } catch (error) {
        this.#looked = false;
        this.#refuse(error, "desired state cannot be read; everything goes on as it was");
      }
      await sleep(pollMs, this.#wake.signal);
    }
  }

  async #lookOnce(): Promise<void> {
    // Connections first: what is started below must see those that were made before it.
    this.connections.update(await this.desired.connections());
    this.#workshop.recordings?.update(await this.desired.recordings());
    const wanted = await this.desired.deployments();
    if (this.#abort.signal.aborted) return;
    this.#wanted = wanted;
    for (const each of wanted) {
      // Workers of another label run it now: here it is drained and stopped, and then forgotten.
      const isOurs = each.label === this.presence.worker.label;
      const own: DesiredDeployment = isOurs ? each : { ...each, desired: "stopped" };
      let deployment = this.deployments.get(each.id);
      if (!deployment && own.desired === "running") {
        deployment = new Deployment(each, this.#workshop);
        this.deployments.set(each.id, deployment);
      }
      deployment?.follow(own);
      if (!isOurs && deployment?.isAtRest) this.#forget(each.id);
    }
    const ids = new Set(wanted.map((each) => each.id));
    for (const [id, deployment] of this.deployments) {
      if (ids.has(id)) continue;
      this.deployments.delete(id);
      void deployment.stop(5_000).then(() => this.#forget(id));
    }
  }

  /** Its row goes with the next report: one that is being written just now would outlive it. */
  #forget(id: string): void {
    this.deployments.delete(id);
    this.#forgotten.add(id);
  }

  async #removeForgotten(): Promise<void> {
    for (const id of this.#forgotten) {
      this.#told.delete(id);
      // It may have come back meanwhile.
      if (!this.deployments.has(id)) await this.presence.removeLive(id);
      this.#forgotten.delete(id);
    }
  }

  /** Holds a connection of its own that only listens; a lost one is made again, the poll bridges the gap. */
  async #listen(): Promise<void> {
    for (let refusals = 1; !this.#abort.signal.aborted; refusals++) {
      const client = new pg.Client({
        connectionString: this.databaseUrl,
        application_name: "millrace listen",
        keepAlive: true,
        connectionTimeoutMillis: 5_000,
      });
      let end = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      client.on("error", end);
      client.on("end", end);
      this.#abort.signal.addEventListener("abort", end, { once: true });
      client.on("notification", () => this.#wake.abort());
      try {
        await client.connect();
        await client.query(`LISTEN ${controlChannel}`);
        refusals = 0;
        this.#wake.abort();
        await ended;
      } catch {
        // The poll tells that Postgres is away; here is nothing to add.
      }
      this.#abort.signal.removeEventListener("abort", end);
      await client.end().catch(() => {});
      await sleep(computeDependencyDelay(refusals + 1, undefined), this.#abort.signal);
    }
  }

  async #report(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const deployments = [...this.deployments.values()];
      for (const deployment of deployments) void deployment.readProgress();
      try {
        await this.#writeLive(deployments);
        await this.#removeForgotten();
      } catch (error) {
        this.#refuse(error, "live counts cannot be written");
      }
      await sleep(reportMs, this.#abort.signal);
    }
  }

  /** Writes what changed. States are looked at more often than counts, so that a deploy shows at once. */
  async #writeLive(deployments: readonly Deployment[]): Promise<void> {
    const now = Date.now();
    const rows: { deploymentId: string; live: DeploymentLive; text: string }[] = [];
    for (const deployment of deployments) {
      const live = deployment.live();
      const text = JSON.stringify(live);
      const told = this.#told.get(deployment.id);
      const age = told ? now - told.at : Number.POSITIVE_INFINITY;
      const due =
        age >= sameLiveEveryMs ||
        (told?.text !== text && (age >= pollMs - reportMs / 2 || !isSameState(told?.text, live)));
      if (due) rows.push({ deploymentId: deployment.id, live, text });
    }
    if (rows.length === 0) return;
    await this.presence.writeLive(rows);
    for (const { deploymentId, text } of rows) this.#told.set(deploymentId, { text, at: now });
  }

  #refuse(error: unknown, message: string): void {
    const { error: name, code } = describeError(error);
    const refusal = `${message} ${name} ${code}`;
    // Once, not every second, for as long as it lasts.
    if (refusal !== this.#lastRefusal) this.log.warn(describeError(error), message);
    this.#lastRefusal = refusal;
  }
}

const reportMs = 200;

function isSameState(text: string | undefined, live: DeploymentLive): boolean {
  if (text === undefined) return false;
  const told = JSON.parse(text) as DeploymentLive;
  if (told.state !== live.state || told.revision !== live.revision || told.version !== live.version) return false;
  return Object.entries(live.nodes).every(([node, { state }]) => told.nodes[node]?.state === state);
}
