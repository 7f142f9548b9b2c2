import { configureNode, type FindKind, portsOf } from "./configure";
import { defaultRetry, type FlowDocument } from "./document";
import type { Graph, Wire } from "./graph";
import type { CallPolicy, NodeSemantics, Role } from "./kind";
import { mayPark } from "./parking";

/** A node whose config holds, with what its kind says of it. */
export interface Member {
  readonly node: string;
  readonly label: string;
  readonly role: Role;
  /** Its outputs, `error` among them. */
  readonly ports: readonly string[];
  readonly semantics: NodeSemantics;
  /** Of a step that calls out. */
  readonly calls?: CallPolicy;
  /** What comes in rests in the store before it goes on. */
  readonly holds?: "message" | "saga";
  /** It answers whoever waits for a message. */
  readonly responds?: true;
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
    // What holds or is part of a saga leaves trying to the store, or to the saga.
    const own = kind.holds || kind.inSaga === "only";
    const tries = kind.role === "sink" || calls !== undefined || semantics.repeat !== undefined;
    members.set(node.id, {
      node: node.id,
      label: kind.label,
      role: kind.role,
      ports: portsOf(node, find).out,
      semantics,
      ...(calls ? { calls } : {}),
      ...(kind.holds ? { holds: kind.holds } : {}),
      ...(kind.responds ? { responds: true as const } : {}),
      parks: parking && !own && tries && mayPark(node.retry ?? defaultRetry),
    });
  }
  return members;
}

/**
 * The drawing as its messages go: what comes in by an entrance, an answer or an event, ends there. Each entrance is a node of its own,
 * `node.input`, which leads nowhere.
 */
export function splitEntrances(
  graph: Graph,
  members: ReadonlyMap<string, Member>,
): { readonly graph: Graph; readonly members: ReadonlyMap<string, Member> } {
  const entrances = graph.wires.filter(({ to }) => to.port !== "in" && members.has(to.node));
  if (entrances.length === 0) return { graph, members };
  const nodes = new Map(graph.nodes);
  const leaving = new Map(graph.leaving);
  const entering = new Map(graph.entering);
  const split = new Map(members);
  const moved = new Map<Wire, Wire>();
  for (const wire of entrances) {
    const { node, port } = wire.to;
    const id = `${node}.${port}`;
    moved.set(wire, { ...wire, to: { node: id, port: "in" } });
    nodes.set(id, graph.nodes.get(node)!);
    leaving.set(id, []);
    entering.set(id, [...(entering.get(id) ?? []), moved.get(wire)!]);
    entering.set(
      node,
      entering.get(node)!.filter((each) => each !== wire),
    );
    const { label } = members.get(node)!;
    split.set(id, {
      node: id,
      label,
      role: "step",
      ports: [],
      semantics: { order: "keeps", keptIn: "store" },
      parks: false,
    });
  }
  const move = (wires: readonly Wire[]) => wires.map((wire) => moved.get(wire) ?? wire);
  for (const [id, wires] of leaving) leaving.set(id, move(wires));
  return { graph: { nodes, wires: move(graph.wires), leaving, entering }, members: split };
}

/** Does it do something outside of the flow that cannot be taken back? */
export function hasEffects({ role, calls, semantics }: Member): boolean {
  return role === "sink" || calls !== undefined || semantics.repeat !== undefined;
}
