import { titleOfNode } from "../drawing/kinds";
import type { PageCommand } from "../shell/commands";
import { showKeys } from "../shell/keys";
import { type CommandContext, editorCommands } from "./commands";
import { canFail, endSimulation, simulateFailure } from "./simulate-failure";
import { inspectedNode } from "./store";
import { focusNode } from "./walk";

/** What the command palette offers in the editor: what can be done now, each with its key, then the failures of steps, then the nodes. */
export function listCanvasCommands(context: CommandContext): PageCommand[] {
  const { store } = context;
  const { document, simulating, readOnly } = store.getState();
  const chosen = inspectedNode(store.getState());
  const can = editorCommands.filter(
    (command) => !command.unlisted && !(command.edits && readOnly) && (command.when?.(context) ?? true),
  );
  const commands = can.map(
    (command): PageCommand => ({
      id: command.id,
      label: command.id === "simulate" ? `Simulate failure here, at ${nameOf(chosen)}` : command.label,
      words: command.words ?? "",
      ...(command.keys ? { shortcut: showKeys(command.keys[0]!) } : {}),
      run: () => void command.run(context),
    }),
  );
  const failures = document.nodes
    .filter((node) => node.id !== chosen && canFail(store, node.id))
    .map(
      (node): PageCommand => ({
        id: `fail:${node.id}`,
        label: `Simulate failure of ${titleOfNode(node)}`,
        words: `${node.id} saga undo compensation`,
        run: () => simulateFailure(store, node.id),
      }),
    );
  const nodes = document.nodes.map(
    (node): PageCommand => ({
      id: `node:${node.id}`,
      label: titleOfNode(node),
      words: `${node.id} ${node.kind} node`,
      heading: "Nodes of this flow",
      run: () => {
        store.getState().inspect(node.id);
        focusNode(node.id);
      },
    }),
  );
  const end = { id: "end-simulation", label: "End the simulation", shortcut: "Esc", run: () => endSimulation(store) };
  return [...(simulating ? [end] : []), ...commands, ...failures, ...nodes];

  function nameOf(id: string | null): string {
    const node = document.nodes.find((each) => each.id === id);
    return node ? titleOfNode(node) : "";
  }
}
