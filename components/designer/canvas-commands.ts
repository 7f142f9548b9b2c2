import { titleOfNode } from "../drawing/kinds";
import type { PageCommand } from "../shell/commands";
import { canFail, endSimulation, simulateFailure } from "./simulate-failure";
import { type DesignerStore, inspectedNode } from "./store";

/** What the command palette offers in the editor: the chosen step's failure first, then the others'. */
export function listCanvasCommands(store: DesignerStore): PageCommand[] {
  const { document, simulating } = store.getState();
  const chosen = inspectedNode(store.getState());
  const steps = document.nodes.filter((node) => canFail(store, node.id));
  const commands = steps.map((node): PageCommand => {
    const isChosen = node.id === chosen;
    return {
      id: `fail:${node.id}`,
      label: isChosen ? `Simulate failure here, at ${titleOfNode(node)}` : `Simulate failure of ${titleOfNode(node)}`,
      words: `${node.id} saga undo compensation`,
      ...(isChosen ? { shortcut: "Shift F" } : {}),
      run: () => simulateFailure(store, node.id),
    };
  });
  const end = { id: "end-simulation", label: "End the simulation", shortcut: "Esc", run: () => endSimulation(store) };
  return [
    ...(simulating ? [end] : []),
    ...commands.toSorted((a, b) => Number(b.shortcut !== undefined) - Number(a.shortcut !== undefined)),
  ];
}
