import type { ReactFlowInstance } from "@xyflow/react";
import { downloadFlow } from "../flows/flow-file";
import type { Keys } from "../shell/keys";
import { motionMs } from "../ui/motion";
import { arrangeCommands } from "./arrange-commands";
import { addNote, noteId, type Point } from "./edit";
import { fitOptions } from "./fit-options";
import { middleOfDrawing, openQuickAdd, openQuickAddAt } from "./open-quick-add";
import {
  copySelection,
  deleteSelection,
  duplicateSelection,
  nudge,
  pasteFromClipboard,
  renameSelected,
} from "./selection";
import { openSendDialog } from "./send-state";
import { canFail, endSimulation, simulateFailure } from "./simulate-failure";
import { type DesignerStore, inspectedNode, selectedNodes } from "./store";
import { endTrying, sourcesOf, startTrying, toggleCoverage } from "./try-it";
import { canBeWide, toggleWide } from "./use-inspector-width";
import { walk } from "./walk";

/** What a command works on. */
export interface CommandContext {
  store: DesignerStore;
  flow: Pick<ReactFlowInstance, "fitView" | "zoomIn" | "zoomOut" | "zoomTo" | "screenToFlowPosition">;
  /** Where the pointer is on the screen; null when it is not over the drawing. */
  pointer: Point | null;
}

/** One thing that can be done in the editor: what the palette lists, the keyboard map shows and the keys do. */
export interface EditorCommand {
  id: string;
  label: string;
  /** Column of the keyboard map. */
  group: "Edit" | "Arrange" | "Select and walk" | "View and find" | "Run";
  /** By which words the palette finds it, beside its label. */
  words?: string;
  keys?: readonly Keys[];
  /** How the map writes the keys, where several are one thing: `Arrows`. */
  shown?: readonly string[];
  /** `everywhere`: also while something beside the drawing has the focus. Typing in a field comes before all keys. */
  focus?: "drawing" | "everywhere";
  /** The browser does it (copy, paste): the key is shown and not listened for. */
  byBrowser?: true;
  /** Changes the drawing: not for who may only look. */
  edits?: true;
  /** Keys only: the palette would have no use for it. */
  unlisted?: true;
  /** Can it be done now? Absent: always. When not, the palette leaves it out and the key is left to the page. */
  when?(context: CommandContext): boolean;
  run(context: CommandContext, event?: KeyboardEvent): unknown;
}

/** The source that is chosen, or the only one: where a message can be sent to. */
function sourceToSend(store: DesignerStore): string | null {
  const sources = sourcesOf(store.getState().document).filter(({ kind }) => kind !== "generate-source");
  const chosen = inspectedNode(store.getState());
  return sources.find((node) => node.id === chosen)?.id ?? (sources.length === 1 ? sources[0]!.id : null);
}

const hasChosen = ({ store }: CommandContext) => selectedNodes(store.getState()).length > 0;
const hasChosenAny = (context: CommandContext) =>
  hasChosen(context) || context.store.getState().edges.some((edge) => edge.selected);
const hasOne = ({ store }: CommandContext) => inspectedNode(store.getState()) !== null;
/** The one note that is chosen, and nothing else. */
function chosenNote({ store }: CommandContext): string | null {
  const chosen = store.getState().nodes.filter((node) => node.selected);
  return chosen.length === 1 && chosen[0]!.type === "note" ? chosen[0]!.id : null;
}
const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
const arrowKeys = Object.keys(arrows);

/** Every command of the editor, in the order of the palette. A new one needs no more than its entry here. */
export const editorCommands: readonly EditorCommand[] = [
  {
    id: "add-node",
    label: "Add a node, behind the chosen one if there is one",
    group: "Edit",
    words: "insert new kind quick",
    keys: ["A", "Insert"],
    edits: true,
    run: openQuickAdd,
  },
  {
    id: "add-here",
    label: "Add a node at the pointer",
    group: "Edit",
    keys: ["Tab"],
    unlisted: true,
    edits: true,
    // Who walks with the Tab key (the focus shows) walks on; who points gets the list of kinds there.
    when: ({ pointer }) => pointer !== null && !document.activeElement?.matches(":focus-visible"),
    run: (context) => openQuickAddAt(context, context.pointer!),
  },
  {
    id: "wire",
    label: "Wire the chosen node to another",
    group: "Edit",
    words: "connect edge port link",
    keys: ["W"],
    edits: true,
    when: hasOne,
    run: ({ store }) => store.getState().set({ wiring: inspectedNode(store.getState()) }),
  },
  {
    id: "rename",
    label: "Rename",
    group: "Edit",
    words: "title name",
    keys: ["F2"],
    edits: true,
    when: hasOne,
    run: ({ store }) => renameSelected(store),
  },
  {
    id: "duplicate",
    label: "Duplicate",
    group: "Edit",
    keys: ["Ctrl+D"],
    edits: true,
    when: hasChosen,
    run: ({ store }) => duplicateSelection(store),
  },
  {
    id: "copy",
    label: "Copy",
    group: "Edit",
    words: "clipboard flow file json",
    keys: ["Ctrl+C"],
    byBrowser: true,
    when: hasChosen,
    run: ({ store }) => copySelection(store),
  },
  {
    id: "cut",
    label: "Cut",
    group: "Edit",
    words: "clipboard",
    keys: ["Ctrl+X"],
    byBrowser: true,
    edits: true,
    when: hasChosen,
    run: async ({ store }) => {
      if (await copySelection(store)) deleteSelection(store, false);
    },
  },
  {
    id: "paste",
    label: "Paste",
    group: "Edit",
    words: "clipboard flow file json text",
    keys: ["Ctrl+V"],
    byBrowser: true,
    edits: true,
    run: ({ store }) => pasteFromClipboard(store),
  },
  {
    id: "delete",
    label: "Delete",
    group: "Edit",
    words: "remove",
    keys: ["Delete", "Backspace"],
    edits: true,
    when: hasChosenAny,
    run: ({ store }) => deleteSelection(store, false),
  },
  {
    id: "delete-reconnect",
    label: "Delete and reconnect",
    group: "Edit",
    words: "remove keep wires",
    keys: ["Ctrl+Delete", "Ctrl+Backspace"],
    edits: true,
    when: hasChosen,
    run: ({ store }) => deleteSelection(store, true),
  },
  {
    id: "add-note",
    label: "Add a note",
    group: "Edit",
    words: "sticky comment markdown",
    edits: true,
    run: (context) => {
      const { document, apply } = context.store.getState();
      const note = addNote(document, context.flow.screenToFlowPosition(middleOfDrawing()));
      apply(note.document, { select: [noteId(note.id)] });
    },
  },
  {
    id: "nudge",
    label: "Nudge what is chosen; with Shift ten times as far",
    group: "Edit",
    keys: [...arrowKeys, ...arrowKeys.map((key) => `Shift+${key}`)],
    shown: ["Arrows", "Shift Arrows"],
    unlisted: true,
    edits: true,
    when: hasChosen,
    run: ({ store }, event) => nudge(store, arrows[event!.key]!, event!.shiftKey ? 40 : 4),
  },
  {
    id: "undo",
    label: "Undo",
    group: "Edit",
    words: "back",
    keys: ["Ctrl+Z"],
    focus: "everywhere",
    edits: true,
    when: ({ store }) => store.getState().history.past.length > 0,
    run: ({ store }) => store.getState().undo(),
  },
  {
    id: "redo",
    label: "Redo",
    group: "Edit",
    words: "again",
    keys: ["Ctrl+Y", "Ctrl+Shift+Z"],
    focus: "everywhere",
    edits: true,
    when: ({ store }) => store.getState().history.future.length > 0,
    run: ({ store }) => store.getState().redo(),
  },
  ...arrangeCommands,
  {
    id: "walk",
    label: "To the next node along a wire, or the one above or below",
    group: "Select and walk",
    keys: arrowKeys.map((key) => `Alt+${key}`),
    shown: ["Alt Arrows"],
    unlisted: true,
    when: ({ store }) => store.getState().document.nodes.length > 0,
    run: ({ store }, event) => walk(store, event!.key),
  },
  {
    id: "open-settings",
    label: "Open the node's settings, or write the note",
    group: "Select and walk",
    words: "inspector form",
    keys: ["Enter"],
    when: (context) => hasOne(context) || chosenNote(context) !== null,
    run: (context) => {
      const note = chosenNote(context);
      if (note === null) context.store.getState().set({ inspectorOpen: true, wantedField: "$form" });
      else context.store.getState().set({ writing: note });
    },
  },
  {
    id: "select-all",
    label: "Select all",
    group: "Select and walk",
    keys: ["Ctrl+A"],
    run: ({ store }) => store.getState().selectAll(),
  },
  {
    id: "step-back",
    label: "Close the topmost thing, or choose nothing",
    group: "Select and walk",
    keys: ["Escape"],
    unlisted: true,
    when: ({ store }) => {
      const state = store.getState();
      return (
        state.quickAdd !== null ||
        state.simulating !== null ||
        state.trying !== null ||
        state.covering ||
        hasChosenAny({ store } as CommandContext)
      );
    },
    run: ({ store }) => {
      const state = store.getState();
      if (state.quickAdd) state.set({ quickAdd: null });
      else if (state.simulating) endSimulation(store);
      else if (state.trying !== null) endTrying(store);
      else if (state.covering) toggleCoverage(store);
      else state.select([]);
    },
  },
  {
    id: "find",
    label: "Find in this flow",
    group: "View and find",
    words: "search node topic expression note",
    keys: ["Ctrl+F"],
    run: ({ store }) => store.getState().set({ finding: true }),
  },
  {
    id: "wide-inspector",
    label: "Show input and output beside the settings",
    group: "View and find",
    words: "data wide inspector samples columns",
    keys: ["I"],
    when: (context) => hasOne(context) && canBeWide(),
    run: ({ store }) => {
      store.getState().set({ inspectorOpen: true });
      toggleWide();
    },
  },
  {
    id: "fit",
    label: "Fit the drawing",
    group: "View and find",
    words: "zoom all view",
    keys: ["F"],
    run: ({ flow }) => flow.fitView({ ...fitOptions, duration: motionMs() }),
  },
  {
    id: "zoom-in",
    label: "Zoom in",
    group: "View and find",
    keys: ["+"],
    run: ({ flow }) => flow.zoomIn({ duration: motionMs() }),
  },
  {
    id: "zoom-out",
    label: "Zoom out",
    group: "View and find",
    keys: ["-"],
    run: ({ flow }) => flow.zoomOut({ duration: motionMs() }),
  },
  {
    id: "zoom-full",
    label: "Zoom to full size",
    group: "View and find",
    words: "100 %",
    keys: ["0"],
    run: ({ flow }) => flow.zoomTo(1, { duration: motionMs() }),
  },
  {
    id: "flow-settings",
    label: "Flow settings",
    group: "Run",
    words: "title description trace delivery workers",
    run: ({ store }) => store.getState().set({ settingUp: true }),
  },
  {
    id: "deploy",
    label: "Deploy",
    group: "Run",
    words: "run start publish version",
    keys: ["Ctrl+Enter"],
    focus: "everywhere",
    // While a message is tried the same keys try it again.
    when: ({ store }) => store.getState().askable.deploy && store.getState().trying === null,
    run: ({ store }) => store.getState().set({ asked: "deploy" }),
  },
  {
    id: "start",
    label: "Start the flow",
    group: "Run",
    words: "go on run resume",
    when: ({ store }) => store.getState().askable.start,
    run: ({ store }) => store.getState().set({ asked: "start" }),
  },
  {
    id: "stop",
    label: "Stop the flow",
    group: "Run",
    words: "halt end",
    when: ({ store }) => store.getState().askable.stop,
    run: ({ store }) => store.getState().set({ asked: "stop" }),
  },
  {
    id: "rollback",
    label: "Roll back to the version before",
    group: "Run",
    words: "previous",
    when: ({ store }) => store.getState().askable.rollback,
    run: ({ store }) => store.getState().set({ asked: "rollback" }),
  },
  {
    id: "send",
    label: "Send a message into the chosen source",
    group: "Run",
    words: "produce test",
    keys: ["M"],
    edits: true,
    when: ({ store }) => sourceToSend(store) !== null,
    run: ({ store }) => openSendDialog(sourceToSend(store)!),
  },
  {
    id: "try",
    label: "Try a message on the draft",
    group: "Run",
    words: "test trial run case",
    keys: ["T"],
    edits: true,
    when: ({ store }) => sourcesOf(store.getState().document).length > 0,
    run: ({ store }) => startTrying(store),
  },
  {
    id: "try-again",
    label: "Try the message again, while its panel is open",
    group: "Run",
    keys: ["Ctrl+Enter"],
    // The panel listens: the message that is typed is its own.
    byBrowser: true,
    unlisted: true,
    run: () => {},
  },
  {
    id: "end-trial",
    label: "End the trial",
    group: "Run",
    when: ({ store }) => store.getState().trying !== null,
    run: ({ store }) => endTrying(store),
  },
  {
    id: "coverage",
    label: "Mark what no case comes by, or take the marks off",
    group: "Run",
    words: "coverage tests untested",
    keys: ["Shift+T"],
    when: ({ store }) => (store.getState().document.tests?.length ?? 0) > 0,
    run: ({ store }) => toggleCoverage(store),
  },
  {
    id: "export",
    label: "Export the flow file",
    group: "Run",
    words: "download json",
    run: ({ store }) => {
      const { document } = store.getState();
      downloadFlow(document.name, document);
    },
  },
  {
    id: "simulate",
    label: "Simulate the chosen step's failure",
    group: "Run",
    words: "saga undo compensation",
    keys: ["Shift+F"],
    when: ({ store }) => canFail(store, inspectedNode(store.getState())),
    run: ({ store }) => simulateFailure(store),
  },
];
