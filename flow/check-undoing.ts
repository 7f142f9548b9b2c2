import { configureNode, type FindKind } from "./configure";
import type { Graph, Wire } from "./graph";
import type { SagaApprovalConfig } from "./nodes/saga-approval";
import type { SagaStepConfig } from "./nodes/saga-step";
import type { SagaWaitConfig } from "./nodes/saga-wait";
import type { Problem } from "./problems";
import type { Branches } from "./saga/branches";
import type { Region } from "./saga/region";

/** Steps of a saga that nothing undoes although something may fail later: each with what stays done then. */
export function checkUndoing(graph: Graph, region: Region, { forks }: Branches, find: FindKind): Problem[] {
  const members = readMembers(graph, region, find);
  const bare = region.nodes.filter((node) => {
    const { step } = members.get(node)!;
    return step && !step.compensation && !step.harmless && !step.pivot;
  });
  if (bare.length === 0) return [];
  const pivoted = findPivoted(region, members);
  const later = findLater(region, forks);
  return bare.flatMap((node): Problem[] => {
    if (pivoted.has(node)) return [];
    const failing = later(node).find((other) => members.get(other)?.turns && !pivoted.has(other));
    if (failing === undefined) return [];
    const message = `When \`${failing}\` fails for good, what \`${node}\` did stays done: it has no compensation. Add one, or say that it needs none.`;
    const fix = { do: "set-field", field: "harmless", value: true, label: "It needs none" } as const;
    return [{ code: "saga-step-not-undone", severity: "warning", message, node, field: "compensation", fix }];
  });
}

interface Member {
  /** Of a step whose config holds. */
  readonly step?: SagaStepConfig;
  readonly joins: boolean;
  /** What happens there may turn the saga. */
  readonly turns: boolean;
}

function readMembers(graph: Graph, region: Region, find: FindKind): ReadonlyMap<string, Member> {
  const ports = new Map<string, Set<string>>(region.nodes.map((id) => [id, new Set()]));
  for (const { from } of region.wires) ports.get(from.node)?.add(from.port);
  return new Map(
    region.nodes.map((id) => {
      const { kind, config } = configureNode(graph.nodes.get(id)!, find);
      const wired = ports.get(id)!;
      const step = kind?.kind === "saga-step" && config !== undefined ? { step: config as SagaStepConfig } : {};
      const turns = kind !== undefined && config !== undefined && mayTurn(kind.kind, config, wired);
      return [id, { ...step, joins: kind?.kind === "saga-join", turns }] as const;
    }),
  );
}

function mayTurn(kind: string, config: unknown, wired: ReadonlySet<string>): boolean {
  if (wired.has("error")) return false;
  switch (kind) {
    case "saga-step":
    case "sub-saga":
      return true;
    case "saga-wait":
      return Boolean((config as SagaWaitConfig).within) && !wired.has("timeout");
    case "saga-approval":
      return !wired.has("rejected") || (Boolean((config as SagaApprovalConfig).within) && !wired.has("timeout"));
    default:
      return false;
  }
}

/** Nodes that are come to only when a pivot is done: on every way there, or, behind a join, in any of its branches. */
function findPivoted({ nodes, wires }: Region, members: ReadonlyMap<string, Member>): ReadonlySet<string> {
  const pivoted = new Set<string>();
  const isPast = (node: string) => pivoted.has(node) || members.get(node)?.step?.pivot === true;
  const entering = new Map<string, Wire[]>(nodes.map((node) => [node, []]));
  for (const wire of wires) entering.get(wire.to.node)!.push(wire);
  for (const node of nodes) {
    const before = entering.get(node)!;
    // A pivot that failed and was left by its error port is not done.
    const past = before.filter(({ from }) => isPast(from.node) && (from.port !== "error" || pivoted.has(from.node)));
    if (members.get(node)?.joins ? past.length > 0 : past.length === before.length) pivoted.add(node);
  }
  return pivoted;
}

/** By node, what may happen after it is done: what stands behind it, and what other branches of its forks do meanwhile. */
function findLater(region: Region, forks: Branches["forks"]): (node: string) => string[] {
  const next = new Map<string, string[]>(region.nodes.map((id) => [id, []]));
  for (const { from, to } of region.wires) next.get(from.node)?.push(to.node);
  const reach = (starts: readonly string[]) => {
    const found = new Set(starts);
    // A Set hands out what is added while it is walked.
    for (const id of found) for (const other of next.get(id)!) found.add(other);
    return found;
  };
  const branches = [...forks].map(([join, fork]) => {
    const after = reach([join]);
    return next.get(fork)!.map((first) => new Set([...reach([first])].filter((id) => !after.has(id))));
  });
  return (node) => {
    const beside = branches.flatMap((sides) =>
      sides.some((side) => side.has(node)) ? sides.filter((side) => !side.has(node)).flatMap((side) => [...side]) : [],
    );
    const behind = reach(next.get(node)!);
    const found = new Set([...behind, ...beside]);
    return region.nodes.filter((id) => found.has(id));
  };
}
