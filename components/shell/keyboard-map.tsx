"use client";

import { editorCommands } from "../designer/commands";
import { Dialog } from "../ui/dialog";
import { Kbd } from "../ui/kbd";
import { useCommands } from "./commands";
import { showKeys } from "./keys";
import { shellCommands } from "./shell-commands";

interface MapRow {
  what: string;
  keys: readonly string[];
}

/** What pages and controls do by themselves, or the mouse with a key. */
const byThemselves: MapRow[] = [
  { what: "To the next control, the one before", keys: ["Tab", "Shift Tab"] },
  { what: "Walk the rows of runs, also from their search; and of dead letters", keys: ["↑", "↓"] },
  { what: "Choose the dead letter of the row", keys: ["X"] },
  { what: "To the first row, the last", keys: ["Home", "End"] },
  { what: "Open what is chosen", keys: ["Enter"] },
  { what: "Close the topmost thing", keys: ["Esc"] },
];
const byMouse: MapRow[] = [
  { what: "Add a node there", keys: ["double click"] },
  { what: "Move the view", keys: ["Space", "drag"] },
  { what: "Select by a box", keys: ["Shift", "drag"] },
  { what: "Add to the selection", keys: ["Ctrl", "click"] },
  { what: "Zoom", keys: ["wheel"] },
];

/** Every key that does something, from the tables that the keys themselves come from. */
export function listMap(): { title: string; rows: MapRow[] }[] {
  const titles = [...new Set(editorCommands.map((command) => command.group))];
  const everywhere = shellCommands.flatMap(({ label, keys }) =>
    keys ? [{ what: label, keys: keys.map(showKeys) }] : [],
  );
  return [
    { title: "Everywhere", rows: [...everywhere, ...byThemselves] },
    ...titles.map((title) => ({
      title,
      rows: editorCommands
        .filter((command) => command.group === title && command.keys)
        .map(({ label, keys, shown }) => ({ what: label, keys: shown ?? keys!.map(showKeys) })),
    })),
    { title: "Mouse", rows: byMouse },
  ];
}

export function KeyboardMap() {
  const open = useCommands((state) => state.open === "keys");
  const close = useCommands((state) => state.close);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && close("keys")}
      title="Keyboard"
      width="xl"
      description="On a Mac, Cmd stands for Ctrl and Option for Alt. Letters are letters while you type."
    >
      <div className="columns-1 gap-8 sm:columns-2 lg:columns-3">
        {listMap().map((group) => (
          <section key={group.title} className="mb-5 break-inside-avoid">
            <h3 className="mb-2 text-12 font-medium text-muted">{group.title}</h3>
            <dl className="flex flex-col gap-1.5">
              {group.rows.map(({ what, keys }) => (
                <div key={what} className="flex items-start justify-between gap-3">
                  <dt>{what}</dt>
                  <dd className="flex shrink-0 gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
