import { configureNode, type FindKind } from "./configure";
import type { FlowDocument } from "./document";
import { buildGraph, findReachable } from "./graph";
import type { NodeSemantics, Role } from "./kind";

/** What a flow guarantees, computed from its graph and kinds. Shown on the canvas, in `check`, in `status`. */
export interface Semantics {
  readonly delivery: "at-least-once" | "effectively-once" | "exactly-once" | "at-most-once";
  readonly order: "partition" | "lane" | "none";
  /** `At least once · ordered by partition` */
  readonly summary: string;
  /** Why, in words, naming the nodes that weaken something and what would mend it. */
  readonly reasons: readonly Reason[];
}

interface Reason {
  readonly node?: string;
  readonly text: string;
}

interface Member {
  readonly node: string;
  readonly role: Role;
  readonly semantics: NodeSemantics;
}

const deliveryWords: Record<Semantics["delivery"], string> = {
  "at-least-once": "At least once",
  "effectively-once": "Effectively once",
  "exactly-once": "Exactly once",
  "at-most-once": "At most once",
};
const orderWords: Record<Semantics["order"], string> = {
  partition: "ordered by partition",
  lane: "in order",
  none: "no order",
};

/**
 * Folds what each kind keeps and weakens over the nodes that a source leads to. Nothing is claimed beyond what the kinds say.
 * @throws never: nodes that are not configured yet, and unknown kinds, are skipped.
 */
export function semanticsOf(flow: FlowDocument, find?: FindKind): Semantics {
  const members = listMembers(flow, find);
  const delivery = judgeDelivery(members);
  const order = judgeOrder(members);
  const durability = members.flatMap(({ node, semantics }): Reason[] => {
    const text = semantics.source?.durability ?? semantics.durability;
    return text === undefined ? [] : [{ node, text }];
  });
  // A source whose settings do not hold yet says nothing of its own, but it is there.
  const drawn = flow.nodes.some((node) => configureNode(node, find).kind?.role === "source");
  const summary = members.some((member) => member.role === "source")
    ? `${deliveryWords[delivery.level]} · ${orderWords[order.level]}`
    : drawn
      ? "Guarantee: once it is configured"
      : "No source yet";
  return {
    delivery: delivery.level,
    order: order.level,
    summary,
    reasons: [...delivery.reasons, ...order.reasons, ...durability],
  };
}

/** Nodes with a whole config that a source leads to, in the order of the file. */
function listMembers(flow: FlowDocument, find?: FindKind): Member[] {
  const graph = buildGraph(flow);
  const members = flow.nodes.flatMap((node): Member[] => {
    const { kind, config, problems } = configureNode(node, find);
    if (!kind || problems.length > 0) return [];
    return [{ node: node.id, role: kind.role, semantics: kind.semantics(config) }];
  });
  const sources = members.filter((member) => member.role === "source").map((member) => member.node);
  const reachable = findReachable(graph, sources);
  return members.filter((member) => reachable.has(member.node));
}

function judgeDelivery(members: readonly Member[]): { level: Semantics["delivery"]; reasons: Reason[] } {
  const lossy = members.filter(({ semantics }) => semantics.source?.delivery === "at-most-once");
  if (lossy.length > 0) {
    return {
      level: "at-most-once",
      reasons: lossy.map(({ node, semantics }) => ({
        node,
        text: mend(`What \`${node}\` has handed over is lost when the worker ends before it is safe.`, semantics),
      })),
    };
  }
  const effects = members.filter(
    ({ role, semantics }) => role === "sink" || (semantics.repeat !== undefined && semantics.repeat !== "harmless"),
  );
  const duplicating = effects.filter(({ semantics }) => (semantics.repeat ?? "duplicates") === "duplicates");
  const deduplicated = effects.flatMap(({ node, semantics }): Reason[] =>
    typeof semantics.repeat === "object"
      ? [{ node, text: `\`${node}\` is told the same message only once, by ${semantics.repeat.deduplicatedBy}.` }]
      : [],
  );
  if (effects.length > 0 && duplicating.length === 0) return { level: "effectively-once", reasons: deduplicated };
  return {
    level: "at-least-once",
    reasons: [
      ...duplicating.map(({ node, role, semantics }) => ({
        node,
        text: mend(
          `After a crash or a retry \`${node}\` may ${role === "sink" ? "write" : "send"} the same message twice.`,
          semantics,
        ),
      })),
      ...deduplicated,
    ],
  };
}

function judgeOrder(members: readonly Member[]): { level: Semantics["order"]; reasons: Reason[] } {
  const ranks: readonly Semantics["order"][] = ["none", "lane", "partition"];
  const reasons: Reason[] = [];
  let level: Semantics["order"] | undefined;
  for (const { node, semantics } of members) {
    if (semantics.source) {
      const own = semantics.source.order;
      if (level === undefined || ranks.indexOf(own) < ranks.indexOf(level)) level = own;
      if (own === "none")
        reasons.push({ node, text: mend(`\`${node}\` hands messages over without an order.`, semantics) });
    }
    if (typeof semantics.order === "object") {
      reasons.push({ node, text: endSentence(`From \`${node}\` on there is no order: ${semantics.order.lost}`) });
    }
  }
  const lost = members.some(({ semantics }) => typeof semantics.order === "object");
  return { level: lost ? "none" : (level ?? "none"), reasons };
}

function mend(text: string, semantics: NodeSemantics): string {
  return semantics.mend === undefined ? endSentence(text) : `${endSentence(text)} ${semantics.mend}`;
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
