import { configureNode, type FindKind } from "./configure";
import { defaultRetry, type FlowDocument } from "./document";
import type { CallPolicy, NodeSemantics, Role } from "./kind";
import { mayPark } from "./parking";

/** A node whose config holds, with what its kind says of it. */
export interface Member {
  readonly node: string;
  readonly label: string;
  readonly role: Role;
  readonly semantics: NodeSemantics;
  /** Of a step that calls out. */
  readonly calls?: CallPolicy;
  /** A message that fails here may be parked, with the later ones of its key. */
  readonly parks: boolean;
}

/** The nodes of a flow whose config holds, by id; unknown kinds and what is not configured yet are left out. */
export function listMembers(flow: FlowDocument, find?: FindKind): Map<string, Member> {
  const members = new Map<string, Member>();
  // A parked message would leave its transaction: there the lane waits, however long.
  const parking = flow.settings?.delivery !== "exactly-once";
  for (const node of flow.nodes) {
    const { kind, config, problems } = configureNode(node, find);
    if (!kind || problems.length > 0) continue;
    const semantics = kind.semantics(config);
    const calls = kind.calls?.(config);
    // Steps that only compute fail for good at once: nothing at them is worth another try.
    const tries = kind.role === "sink" || calls !== undefined || semantics.repeat !== undefined;
    members.set(node.id, {
      node: node.id,
      label: kind.label,
      role: kind.role,
      semantics,
      ...(calls ? { calls } : {}),
      parks: parking && tries && mayPark(node.retry ?? defaultRetry),
    });
  }
  return members;
}

/** Does it do something outside of the flow that cannot be taken back? */
export function hasEffects({ role, calls, semantics }: Member): boolean {
  return role === "sink" || calls !== undefined || semantics.repeat !== undefined;
}
