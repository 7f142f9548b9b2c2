"use client";

import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalDistributeCenter,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalDistributeCenter,
  CircleSlash,
  Group,
  LayoutGrid,
  Ungroup,
} from "lucide-react";
import type { ReactNode } from "react";
import { formatPlural } from "../ui/formats";
import { Tooltip } from "../ui/tooltip";
import {
  alignChosen,
  chosenNodes,
  distributeChosen,
  groupChosen,
  tidyUp,
  toggleDisabledChosen,
  ungroupChosen,
} from "./arranging";
import { useDesigner, useDesignerStore } from "./context";
import { nodeOf } from "./edit";
import { groupOf } from "./edit-groups";
import type { DesignerStore } from "./store";

interface Tool {
  label: string;
  shortcut: string;
  icon: ReactNode;
  /** How many nodes it needs. */
  least?: number;
  run(store: DesignerStore): unknown;
}

const alignments: readonly Tool[] = [
  {
    label: "Align left",
    shortcut: "Alt Shift ←",
    icon: <AlignStartVertical />,
    run: (all) => alignChosen(all, "left"),
  },
  {
    label: "Align centres",
    shortcut: "Alt Shift C",
    icon: <AlignCenterVertical />,
    run: (all) => alignChosen(all, "centre"),
  },
  {
    label: "Align right",
    shortcut: "Alt Shift →",
    icon: <AlignEndVertical />,
    run: (all) => alignChosen(all, "right"),
  },
  {
    label: "Align top",
    shortcut: "Alt Shift ↑",
    icon: <AlignStartHorizontal />,
    run: (all) => alignChosen(all, "top"),
  },
  {
    label: "Align middles",
    shortcut: "Alt Shift M",
    icon: <AlignCenterHorizontal />,
    run: (all) => alignChosen(all, "middle"),
  },
  {
    label: "Align bottom",
    shortcut: "Alt Shift ↓",
    icon: <AlignEndHorizontal />,
    run: (all) => alignChosen(all, "bottom"),
  },
];
const distributions: readonly Tool[] = [
  {
    label: "Distribute from left to right",
    shortcut: "Alt Shift H",
    icon: <AlignHorizontalDistributeCenter />,
    least: 3,
    run: (all) => distributeChosen(all, "x"),
  },
  {
    label: "Distribute from top to bottom",
    shortcut: "Alt Shift V",
    icon: <AlignVerticalDistributeCenter />,
    least: 3,
    run: (all) => distributeChosen(all, "y"),
  },
];

/** Over the canvas while several nodes are chosen: what can be done to all of them. */
export function ArrangeBar() {
  const store = useDesignerStore();
  const nodes = useDesigner((state) => state.nodes);
  const document = useDesigner((state) => state.document);
  const chosen = nodes.filter((node) => node.selected && node.type === "kind").map(({ id }) => id);
  if (chosen.length < 2) return null;
  const isGrouped = chosenNodes(store).some((id) => groupOf(document, id));
  const areDisabled = chosen.every((id) => nodeOf(document, id)?.disabled);
  const others: readonly Tool[] = [
    { label: "Tidy up what is chosen", shortcut: "Shift L", icon: <LayoutGrid />, run: tidyUp },
    { label: "Group", shortcut: "Ctrl G", icon: <Group />, run: groupChosen },
    ...(isGrouped ? [{ label: "Ungroup", shortcut: "Ctrl Shift G", icon: <Ungroup />, run: ungroupChosen }] : []),
    {
      label: areDisabled ? "Enable" : "Disable",
      shortcut: "Shift D",
      icon: <CircleSlash />,
      run: toggleDisabledChosen,
    },
  ];
  return (
    <div className="pointer-events-none absolute inset-x-0 top-3 z-10 flex justify-center [&>*]:pointer-events-auto">
      <div
        role="toolbar"
        aria-label="What is chosen"
        className="flex items-center divide-x divide-line rounded-md border border-line bg-surface shadow-node"
      >
        <span className="px-2.5 text-12 text-muted">{formatPlural(chosen.length, "node")}</span>
        {[alignments, distributions, others].map((tools) => (
          <span key={tools[0]!.label} className="flex">
            {tools.map(({ label, shortcut, icon, least = 2, run }) => (
              <Tooltip key={label} content={label} shortcut={shortcut} side="bottom">
                <button
                  type="button"
                  aria-label={label}
                  disabled={chosen.length < least}
                  className="grid size-8 place-items-center text-muted transition-colors hover:text-text disabled:opacity-40 [&_svg]:size-4"
                  onClick={() => void run(store)}
                >
                  {icon}
                </button>
              </Tooltip>
            ))}
          </span>
        ))}
      </div>
    </div>
  );
}
