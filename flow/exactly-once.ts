import type { FindKind } from "./configure";
import type { FlowDocument } from "./document";
import { buildGraph, findReachable } from "./graph";
import { hasEffects, listMembers, type Member } from "./members";
import type { Problem } from "./problems";

/**
 * What keeps a flow from being exactly once, each with its node and the way out; empty when it can be. Exactly once holds from Kafka to
 * Kafka on one cluster, where nothing else has effects. Does not look at whether the flow asks for it.
 */
export function checkExactlyOnce(flow: FlowDocument, find?: FindKind): Problem[] {
  const members = listMembers(flow, find);
  const sources = [...members.values()].filter((member) => member.role === "source");
  const reachable = findReachable(
    buildGraph(flow),
    sources.map((source) => source.node),
  );
  // Most flows have one; where sources differ, the first one says which cluster it is.
  const cluster = sources.find((source) => source.semantics.transaction !== undefined)?.semantics.transaction;
  return [...members.values()]
    .filter((member) => reachable.has(member.node))
    .flatMap((member) => {
      const obstacle = findObstacle(member, cluster);
      if (obstacle === undefined) return [];
      const { node } = member;
      return [{ code: "exactly-once-broken", severity: "error", message: obstacle, node, fix: settle }] as const;
    });
}

const settle = { do: "set-delivery", delivery: "at-least-once" } as const;

function findObstacle(member: Member, cluster: string | undefined): string | undefined {
  const { node, label, role, semantics } = member;
  const settleWords = "or let the flow be at least once";
  if (member.holds) {
    return `\`${node}\` (${label}) holds what comes in outside of the transaction. Put a topic before it and let another flow read that, ${settleWords}.`;
  }
  if (role !== "step") {
    if (semantics.transaction === undefined) {
      return role === "source"
        ? `\`${node}\` (${label}) is no Kafka topic: exactly once begins and ends in Kafka. Read a topic instead, ${settleWords}.`
        : `\`${node}\` (${label}) is no Kafka topic: what it writes is outside of the transaction. Write a topic instead, and let another flow read that, ${settleWords}.`;
    }
    if (semantics.source?.each) {
      return `Each worker gets all messages of \`${node}\`, and would write what comes of them. Let workers share them, ${settleWords}.`;
    }
    if (semantics.transaction !== cluster && cluster !== undefined) {
      return `\`${node}\` uses the connection \`${semantics.transaction}\`, but the flow reads from \`${cluster}\`: a transaction spans one cluster. Use one connection, ${settleWords}.`;
    }
  } else if (semantics.guards) {
    return `\`${node}\` (${label}) remembers messages outside of the transaction. Take it out, exactly once needs none, ${settleWords}.`;
  } else if (hasEffects(member)) {
    return `\`${node}\` (${label}) does something outside of the transaction, which is not taken back with it. Move it to a flow of its own behind a topic, ${settleWords}.`;
  }
  return undefined;
}
