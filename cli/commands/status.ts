import type { LaneLive, NodeLive } from "../../flow/control";
import type { LiveView, WorkerName } from "../../server/views";
import type { Command } from "../command";
import { writeGuarantee } from "../guarantee";
import { formatAgo, formatCount, formatDuration, writeTable } from "../table";

export const status: Command = {
  usage: "status [NAME]",
  summary: "What should run and what does: workers, counts, lag; of one flow also what it guarantees",
  needs: 0,
  takes: 1,
  async run(input) {
    const flow = input.args[0];
    const [views, workers, guarantee] = await Promise.all([
      input.client.deployments.status.query(flow === undefined ? {} : { flow }),
      input.client.health.workers.query(),
      flow === undefined ? null : input.client.deployments.guarantee.query({ flow }),
    ]);
    const living = workers.filter((worker) => worker.alive).length;
    const head = living === 0 ? "No worker is running. Start one with `npm run worker`.\n\n" : "";
    const none = flow === undefined ? "No flow was deployed yet." : `${flow} was never deployed.`;
    const texts = views.map((view) => writeView(view, input.now()));
    if (guarantee) texts.push(`  ${guarantee.summary}\n${writeGuarantee(guarantee, "  ")}`);
    const data = guarantee ? views.map((view) => ({ ...view, semantics: guarantee })) : views;
    return { data, text: head + (views.length === 0 ? none : texts.join("\n\n")) };
  },
};

function writeView(view: LiveView, now: number): string {
  const dead = view.deadLetters > 0 ? `, ${formatCount(view.deadLetters)} in the dead letters` : "";
  const dropped = view.tracesDropped > 0 ? `, ${formatCount(view.tracesDropped)} traces dropped` : "";
  const wanted = view.state === view.desired ? "" : ` (should be ${view.desired})`;
  const lines = [`${view.flow}  ${view.state}${wanted}  v${view.version}, revision ${view.revision}${dead}${dropped}`];
  if (view.label !== null) lines.push(`  runs on workers with the label ${view.label}`);
  if (view.cause) lines.push(`  ${view.cause.message} (${view.cause.code})`);
  if (view.workers.length > 0) {
    lines.push(
      writeTable(
        view.workers,
        [
          { title: "worker", value: (worker) => worker.host },
          // A process id is a name, not an amount: no thousands in it.
          { title: "pid", value: (worker) => String(worker.pid), right: true },
          { title: "label", value: (worker) => worker.label },
          { title: "version", value: (worker) => worker.version, right: true },
          { title: "revision", value: (worker) => worker.revision, right: true },
          { title: "state", value: (worker) => worker.state },
          { title: "lanes", value: (worker) => countLanes(view, worker.worker), right: true },
          { title: "reported", value: (worker) => formatAgo(worker.updatedAt, now) },
          { title: "cause", value: (worker) => worker.cause?.message },
        ],
        "  ",
      ),
    );
  }
  const nodes = Object.entries(view.nodes);
  if (nodes.length > 0) {
    lines.push(
      writeTable(
        nodes,
        [
          { title: "node", value: ([id]) => id },
          { title: "state", value: ([, node]) => node.state },
          { title: "in", value: ([, node]) => node.in, right: true },
          { title: "out", value: ([, node]) => sumPorts(node.ports), right: true },
          { title: "per second", value: ([, node]) => node.rateIn || sumPorts(node.rates), right: true },
          { title: "failed", value: ([, node]) => node.failed, right: true },
          { title: "retried", value: ([, node]) => node.retried, right: true },
          { title: "dead", value: ([, node]) => node.dead, right: true },
          { title: "parked", value: ([, node]) => node.parked, right: true },
          { title: "held", value: ([, node]) => node.held, right: true },
          { title: "stuck", value: ([, node]) => node.stuck, right: true },
          { title: "circuit", value: ([, node]) => writeCircuit(node, now) },
          { title: "cause", value: ([, node]) => node.cause?.message },
        ],
        "  ",
      ),
    );
  }
  if (view.lanes.length > 0) {
    lines.push(
      writeTable(
        view.lanes,
        [
          { title: "lane", value: (lane) => lane.lane },
          { title: "node", value: (lane) => lane.node },
          { title: "state", value: (lane) => lane.state },
          { title: "position", value: (lane) => lane.position },
          { title: "lag", value: (lane) => lane.lag, right: true },
          { title: "in flight", value: (lane) => lane.inFlight, right: true },
          { title: "last progress", value: (lane) => formatAgo(lane.lastProgressAt, now) },
          { title: "owner", value: (lane) => writeOwners(lane.owners) },
          { title: "waits for", value: (lane) => lane.cause?.message },
          { title: "last error", value: (lane) => writeError(lane, now) },
        ],
        "  ",
      ),
    );
  }
  return lines.join("\n");
}

/** One that says what the lane waits for already is not told twice. */
function writeError({ lastError, cause }: LaneLive, now: number): string | undefined {
  if (!lastError || lastError.message === cause?.message) return undefined;
  return `${lastError.message} (${lastError.code}, ${formatAgo(lastError.at, now)})`;
}

function countLanes(view: LiveView, worker: string): number {
  return view.lanes.filter((lane) => lane.owners.some((owner) => owner.worker === worker)).length;
}

/** `host 4711`; a queue is worked by several. */
function writeOwners(owners: readonly WorkerName[]): string {
  if (owners.length > 3) return `${owners.length} workers`;
  return owners.map(({ host, pid, label }) => `${host} ${pid}${label === null ? "" : ` (${label})`}`).join(", ");
}

/** `open, next call in 4.0 s` */
function writeCircuit({ circuit, nextCallAt }: NodeLive, now: number): string {
  if (circuit === undefined) return "";
  if (circuit === "half-open") return "half open, one call asks";
  const inMs = (nextCallAt ?? 0) - now;
  return inMs > 0 ? `open, next call in ${formatDuration(inMs)}` : "open, the next call asks";
}

function sumPorts(ports: Record<string, number>): number {
  return Object.values(ports).reduce((sum, count) => sum + count, 0);
}
