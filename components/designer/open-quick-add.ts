import { portsOfNode } from "../drawing/kinds";
import type { CommandContext } from "./commands";
import { nodeOf, type Point } from "./edit";
import { wiredPorts } from "./indexes";
import { inspectedNode } from "./store";

/** The middle of what is seen of the drawing, on the screen. */
export function middleOfDrawing(): Point {
  const box = document.querySelector(".drawing")?.getBoundingClientRect();
  return box ? { x: box.left + box.width / 2, y: box.top + box.height / 2 } : { x: 400, y: 300 };
}

/** Where a list about a node opens: at its right, else in the middle. */
export function placeBeside(node: string): Point {
  const box = document.querySelector(`.react-flow__node[data-id="${node}"]`)?.getBoundingClientRect();
  return box ? { x: box.right, y: box.top } : middleOfDrawing();
}

/** Opens the list of kinds by keys: behind the first open port of the chosen node, else in the middle. */
export function openQuickAdd({ store, flow }: Pick<CommandContext, "store" | "flow">): void {
  const state = store.getState();
  const id = inspectedNode(state);
  const node = id === null ? undefined : nodeOf(state.document, id);
  const wired = node && wiredPorts(state.document.edges, node.id);
  const port = node && portsOfNode(node).out.find((each) => each !== "error" && !wired?.has(each));
  if (node && port !== undefined) {
    state.set({ quickAdd: quickAddBehind(state, node.id, port) });
    return;
  }
  openQuickAddAt({ store, flow }, middleOfDrawing());
}

/** Opens the list of kinds at a place of the screen: the new node comes to stand around it. */
export function openQuickAddAt(
  { store, flow }: { store: CommandContext["store"]; flow: Pick<CommandContext["flow"], "screenToFlowPosition"> },
  screen: Point,
): void {
  const at = flow.screenToFlowPosition(screen);
  store.getState().set({ quickAdd: { screen, at: { x: at.x - 106, y: at.y - 27 } } });
}

/** The list of kinds behind a port: the new node comes to stand at the right of its node. */
export function quickAddBehind(
  state: { nodes: readonly { id: string; position: Point }[] },
  node: string,
  port: string,
) {
  const place = state.nodes.find((other) => other.id === node)?.position ?? { x: 0, y: 0 };
  return { screen: placeBeside(node), at: { x: place.x + 300, y: place.y }, from: { node, port } };
}
