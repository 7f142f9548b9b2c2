import { describe, expect, it } from "vitest";
import { listMap } from "../shell/keyboard-map";
import { showKeys } from "../shell/keys";
import { shellCommands } from "../shell/shell-commands";
import { listCanvasCommands } from "./canvas-commands";
import { type CommandContext, editorCommands } from "./commands";
import { createDesignerStore } from "./store";

const context = (readOnly = false): CommandContext => ({
  store: createDesignerStore({
    document: {
      format: "millrace/flow@1",
      name: "orders",
      nodes: [
        { id: "in", kind: "generate-source", config: {} },
        { id: "seen", kind: "log", config: {} },
      ],
      edges: [{ from: "in", to: "seen" }],
    },
    revision: 1,
    readOnly,
  }),
  flow: {} as CommandContext["flow"],
  pointer: null,
});

describe("the table of commands", () => {
  it("gives each key to one command, or by what is open: the first that can be done has it", () => {
    const all = [...shellCommands, ...editorCommands];
    const hidden = all.flatMap((command, index) =>
      (command.keys ?? []).filter((key) =>
        all.slice(0, index).some((before) => before.keys?.includes(key) && !("when" in before && before.when)),
      ),
    );
    expect(hidden).toEqual([]);
  });

  it("has every key in the map under ?", () => {
    const shown = listMap().flatMap((group) => group.rows.map((row) => row.what));
    for (const command of [...shellCommands, ...editorCommands])
      if (command.keys) expect(shown).toContain(command.label);
  });

  it("is reached by the palette: all that can be done, with its key, and each node", () => {
    const given = context();
    given.store.getState().select(["seen"]);
    const offered = listCanvasCommands(given);
    expect(offered.find(({ id }) => id === "rename")).toMatchObject({ label: "Rename", shortcut: "F2" });
    expect(offered.find(({ id }) => id === "node:seen")).toMatchObject({ heading: "Nodes of this flow" });
    const reachable = new Set(offered.map(({ id }) => id));
    for (const command of editorCommands) {
      const can = !command.unlisted && (command.when?.(given) ?? true);
      expect([command.id, reachable.has(command.id)]).toEqual([command.id, can]);
    }
    // What is not in the list has its key instead.
    for (const command of editorCommands) if (command.unlisted) expect(command.keys).toBeDefined();
  });

  it("offers to who may only look nothing that changes the drawing", () => {
    const offered = listCanvasCommands(context(true)).map(({ id }) => id);
    expect(offered.filter((id) => editorCommands.find((command) => command.id === id)?.edits)).toEqual([]);
    expect(offered).toContain("find");
  });

  it("writes keys that a keyboard has", () => {
    const modifiers =
      /^((Ctrl|Alt|Shift)\+)*(.|F\d+|Arrow(Left|Right|Up|Down)|Tab|Enter|Escape|Delete|Backspace|Insert)$/;
    for (const command of editorCommands) for (const key of command.keys ?? []) expect(key).toMatch(modifiers);
    expect(showKeys("+")).toBe("+");
  });
});
