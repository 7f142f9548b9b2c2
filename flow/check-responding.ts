import type { FindKind } from "./configure";
import type { FlowDocument } from "./document";
import { findReachable, type Graph } from "./graph";
import { listMembers, type Member } from "./members";
import type { Problem } from "./problems";

/**
 * Is there, for each node that answers, somebody who waits? And does each message of a webhook in front of one end with an answer?
 * Messages pass on by what the drawing says alone: which way each takes is known only when it comes.
 */
export function checkResponding(flow: FlowDocument, graph: Graph, find?: FindKind): Problem[] {
  const members = listMembers(flow, find);
  const responding = [...members.values()].filter((member) => member.responds);
  if (responding.length === 0) return [];
  const sources = [...members.values()].filter(({ role }) => role === "source");
  const held = findHeld(graph, members);
  const problems: Problem[] = [];
  for (const { node } of responding) {
    const before = sources.filter((source) => findReachable(graph, [source.node]).has(node));
    // What no source leads to is told of elsewhere.
    if (before.length > 0) problems.push(...checkAsked(node, before, held));
  }
  // Who does not wait that long needs no word on ways that do not answer at all.
  if (problems.some(({ severity }) => severity === "error")) return problems;
  for (const source of sources) problems.push(...checkAnswered(source, graph, members));
  return problems;
}

/** Where messages are that were held on their way from a source: behind a delay, a wait, a saga. */
function findHeld(graph: Graph, members: ReadonlyMap<string, Member>): (source: string, node: string) => boolean {
  const behind = new Map<string, ReadonlySet<string>>();
  return (source, node) => {
    let found = behind.get(source);
    if (!found) {
      const reached = findReachable(graph, [source]);
      const holding = [...members.values()].filter(({ node: id, holds }) => holds && reached.has(id));
      const next = holding.flatMap(({ node: id }) =>
        graph.leaving.get(id)!.filter(({ from }) => from.port !== "error"),
      );
      found = findReachable(
        graph,
        next.map(({ to }) => to.node),
      );
      behind.set(source, found);
    }
    return found.has(node);
  };
}

function checkAsked(
  node: string,
  sources: readonly Member[],
  isHeld: (source: string, node: string) => boolean,
): Problem[] {
  const late = sources.find(
    ({ node: source, semantics }) => semantics.source?.replies === "waiting" && isHeld(source, node),
  );
  if (late) {
    const message = `\`${node}\` answers behind a node that holds messages back: who waits at \`${late.node}\` does not wait that long. Answer before it, and tell the rest by a message of its own.`;
    return [{ code: "respond-too-late", severity: "error", message, node }];
  }
  if (sources.some(({ semantics }) => semantics.source?.replies)) return [];
  const names = sources.map((source) => `\`${source.node}\``).join(", ");
  const message = `Nobody waits for an answer to what comes from ${names}: \`${node}\` answers the caller of a webhook, the sender of a job, or the reply address of a message.`;
  return [{ code: "respond-unasked", severity: "warning", message, node }];
}

/** A caller gets an answer on every way, or is told here what else. */
function checkAnswered(source: Member, graph: Graph, members: ReadonlyMap<string, Member>): Problem[] {
  if (source.semantics.source?.replies !== "waiting" || !isWebhook(source)) return [];
  const reached = findReachable(graph, [source.node]);
  if (![...reached].some((node) => members.get(node)?.responds)) return [];
  const open = findUnanswered(source.node, graph, members, new Map());
  if (open === null) return [];
  const where = open.port === undefined ? `at \`${open.node}\`` : `by port \`${open.port}\` of \`${open.node}\``;
  const message = `A message may end ${where} without an answer: the caller of \`${source.node}\` then gets 202 when it is safe, or 504 when that takes too long. Wire that way to a Respond too, if it should get another.`;
  return [{ code: "respond-missed", severity: "warning", message, node: source.node }];
}

/** The sender of a job without an answer has the job's own end; the caller of a webhook is promised one by the flow. */
function isWebhook({ semantics }: Member): boolean {
  return semantics.source?.resends !== undefined;
}

interface OpenEnd {
  readonly node: string;
  readonly port?: string;
}

/** Where a message that comes to a node may end without an answer; `null`: nowhere. By an error port only where that is wired. */
function findUnanswered(
  node: string,
  graph: Graph,
  members: ReadonlyMap<string, Member>,
  known: Map<string, OpenEnd | null>,
): OpenEnd | null {
  const before = known.get(node);
  if (before !== undefined) return before;
  // A circle is a mistake of its own.
  known.set(node, null);
  const member = members.get(node);
  let found: OpenEnd | null = null;
  if (member && !member.responds) {
    const ports = member.ports.filter(
      (port) => port !== "error" || graph.leaving.get(node)!.some(({ from }) => from.port === port),
    );
    if (ports.length === 0) found = { node };
    for (const port of ports) {
      const targets = graph.leaving.get(node)!.filter(({ from }) => from.port === port);
      const open = targets.map(({ to }) => findUnanswered(to.node, graph, members, known));
      // One of several wires that answers is enough.
      if (open.includes(null) && targets.length > 0) continue;
      found ??= open[0] ?? { node, port };
    }
  }
  known.set(node, found);
  return found;
}
