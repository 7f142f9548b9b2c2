"use client";

import { Dialog } from "../ui/dialog";
import { Kbd } from "../ui/kbd";
import { useCommands } from "./commands";

const groups: { title: string; keys: [keys: string[], what: string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      [["Ctrl K"], "Search and commands"],
      [["?"], "This map"],
      [["Esc"], "Close the topmost thing"],
      [["Tab"], "To the next control"],
      [["Enter"], "Open what is chosen"],
    ],
  },
  {
    title: "Drawing",
    keys: [
      [["Tab"], "Add a node"],
      [["Enter"], "Open the node's settings"],
      [["F2"], "Rename"],
      [["Ctrl Z", "Ctrl Y"], "Undo, redo"],
      [["Ctrl C", "X", "V", "D"], "Copy, cut, paste, duplicate"],
      [["Delete"], "Delete"],
      [["Ctrl Delete"], "Delete and reconnect"],
      [["Ctrl A"], "Select all"],
      [["Ctrl F"], "Find a node"],
      [["Shift F"], "Simulate a step's failure"],
    ],
  },
  {
    title: "Canvas",
    keys: [
      [["Space", "drag"], "Move the view"],
      [["Shift", "drag"], "Select by a box"],
      [["Arrows"], "Nudge, with Shift ten times as far"],
      [["Ctrl wheel"], "Zoom"],
    ],
  },
];

/** Every key that does something. */
export function KeyboardMap() {
  const open = useCommands((state) => state.keysOpen);
  const close = useCommands((state) => state.closeKeys);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && close()}
      title="Keyboard"
      width="lg"
      description="On a Mac, Cmd stands for Ctrl."
    >
      <div className="grid grid-cols-1 gap-6 sm:grid-cols-3">
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className="mb-2 text-12 font-medium text-muted">{group.title}</h3>
            <dl className="flex flex-col gap-1.5">
              {group.keys.map(([keys, what]) => (
                <div key={what} className="flex items-center justify-between gap-3">
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
