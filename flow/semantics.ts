import { configureNode, type FindKind } from "./configure";
import { weakeningsOfDisabled, withoutDisabled } from "./disabled";
import type { FlowDocument } from "./document";
import type { KeepingFacts } from "./durability";
import { formatSpan } from "./duration";
import { checkExactlyOnce } from "./exactly-once";
import { buildGraph, findReachable, type Graph } from "./graph";
import { compareDelivery, compareOrder, type DeliveryLevel, type OrderScope, summarizeGuarantee } from "./guarantee";
import { listMembers, type Member, splitEntrances } from "./members";
import { describePaths, type Path } from "./paths";
import type { Weakening } from "./standing";
import { type Way, walkGraph } from "./ways";

/** What a flow guarantees, computed from its graph and kinds. Shown on the canvas, in `check`, in `status`. */
export interface Semantics {
  /** The weakest of its paths. */
  readonly delivery: DeliveryLevel;
  readonly order: OrderScope;
  /** `At least once · ordered by partition` */
  readonly summary: string;
  /** From each source to each end that it leads to, the weakest first; at most `pathsListed`. */
  readonly paths: readonly Path[];
  /** Paths beyond those that are listed; they count in the summary. */
  readonly morePaths: number;
  /** What weakens any of the paths, in the order of the file. */
  readonly weakenings: readonly Weakening[];
  /** Why more than at least once holds, where it does. */
  readonly grounds: readonly Ground[];
}

export interface Ground {
  readonly node?: string;
  readonly text: string;
}

export interface SemanticsOptions {
  readonly find?: FindKind;
  /** What a worker could find out about the brokers. */
  readonly facts?: KeepingFacts;
}

/** A drawing has up to a million pairs of source and end; a person reads these. */
export const pathsListed = 100;

/**
 * Folds what each kind keeps and weakens over the drawing, once for each source: what holds between a source and an end is the weakest
 * of the ways between them. Nothing is claimed beyond what the kinds say.
 * @throws never: nodes that are not configured yet, and unknown kinds, are passed over.
 */
export function semanticsOf(drawn: FlowDocument, options: SemanticsOptions = {}): Semantics {
  const flow = withoutDisabled(drawn, options.find);
  const { graph, members } = splitEntrances(buildGraph(flow), listMembers(flow, options.find));
  const exact = flow.settings?.delivery === "exactly-once" && checkExactlyOnce(flow, options.find).length === 0;
  const sources = [...members.values()].filter((member) => member.role === "source");
  const ways = walkGraph(graph, members, exact).sort(byWeakness);
  const [weakest] = ways;
  const order = ways.reduce<OrderScope>(
    (found, { scope }) => (compareOrder(scope, found) < 0 ? scope : found),
    weakest?.scope ?? "none",
  );
  const reached = findReachable(
    graph,
    sources.map((source) => source.node),
  );
  const aims = [...reached].some((id) => aimsHigher(members.get(id)));
  const { paths, weakenings } = describePaths(
    { graph, members, ways, exact, aims, facts: options.facts ?? {}, holdsIn: flow.settings?.holding?.connection },
    pathsListed,
  );
  const isDrawn = flow.nodes.some((node) => configureNode(node, options.find).kind?.role === "source");
  const { delivery = "at-least-once" } = weakest ?? {};
  const summary =
    sources.length > 0
      ? summarizeGuarantee(delivery, order, shortestWindow(ways))
      : // A source whose settings do not hold yet says nothing of its own, but it is there.
        isDrawn
        ? "No guarantee before its source is set up"
        : drawn === flow
          ? "No source yet"
          : "No source is enabled";
  return {
    delivery,
    order,
    summary,
    paths,
    morePaths: ways.length - paths.length,
    weakenings: drawn === flow ? weakenings : [...weakenings, ...weakeningsOfDisabled(drawn, options.find)],
    grounds: [...groundExactness(flow, sources, exact), ...groundMembers(graph, members, reached)],
  };
}

function byWeakness(a: Way, b: Way): number {
  return compareDelivery(a.delivery, b.delivery) || compareOrder(a.scope, b.scope);
}

function shortestWindow(ways: readonly Way[]): number | undefined {
  const windows = ways.flatMap(({ delivery, windowMs }) => (delivery === "effectively-once" ? (windowMs ?? []) : []));
  return windows.length === 0 ? undefined : windows.reduce((least, each) => Math.min(least, each));
}

/** Is it there to have each message once? Then what keeps the flow from that is worth a mark. */
function aimsHigher(member: Member | undefined): boolean {
  return typeof member?.semantics.repeat === "object" || member?.semantics.guards !== undefined;
}

function groundExactness(flow: FlowDocument, sources: readonly Member[], exact: boolean): Ground[] {
  const connection = sources[0]?.semantics.transaction;
  if (!exact || connection === undefined) return [];
  const copies = flow.settings?.deadLetters
    ? ` Dead letters are kept once, by their place at the source; their copies in \`${flow.settings.deadLetters.to}\` may come twice.`
    : " Dead letters are kept once, by their place at the source.";
  const text = `What a lane writes and its position become visible together, in one transaction of \`${connection}\`; readers must read committed messages only.`;
  return [{ text: text + copies }];
}

function groundMembers(graph: Graph, members: ReadonlyMap<string, Member>, reached: ReadonlySet<string>): Ground[] {
  return [...graph.nodes.keys()].flatMap((node): Ground[] => {
    const { repeat, guards } = (reached.has(node) ? members.get(node)?.semantics : undefined) ?? {};
    const window = (ms?: number) => (ms === undefined ? "" : `, for ${formatSpan(ms)}`);
    if (guards) {
      return [
        { node, text: `\`${node}\` lets a message pass once: recognised by ${guards.by}${window(guards.windowMs)}.` },
      ];
    }
    if (typeof repeat !== "object") return [];
    const text = `\`${node}\` takes the same message once: told apart by ${repeat.deduplicatedBy}${window(repeat.windowMs)}.`;
    return [{ node, text }];
  });
}
