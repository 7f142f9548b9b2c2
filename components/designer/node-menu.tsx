"use client";

import { MenuParts } from "../ui/menu";
import * as parts from "../ui/menu-parts";
import { useDesigner, useDesignerStore } from "./context";
import { NodeMenuItems } from "./node-menu-items";

/** The menu at the pointer, of the node under it. */
export function NodeMenu() {
  const store = useDesignerStore();
  const menu = useDesigner((state) => state.nodeMenu);
  if (!menu) return null;
  const { node, screen } = menu;
  return (
    <MenuParts value={parts}>
      <parts.MenuRoot
        key={`${node}:${screen.x}:${screen.y}`}
        align="start"
        open
        onOpenChange={(open) => {
          if (open) return;
          store.getState().set({ nodeMenu: null });
          // Whoever came by the keyboard is back where the menu was asked for.
          window.document.querySelector<HTMLElement>(`.react-flow__node[data-id="${node}"]`)?.focus();
        }}
        trigger={
          <span className="pointer-events-none fixed size-0" style={{ left: screen.x, top: screen.y }} aria-hidden />
        }
      >
        <NodeMenuItems node={node} />
      </parts.MenuRoot>
    </MenuParts>
  );
}
