"use client";

import {
  type ComponentProps,
  cloneElement,
  createContext,
  type ReactElement,
  type ReactNode,
  use,
  useState,
} from "react";

export interface MenuProps {
  align?: "start" | "end" | "center";
  side?: "bottom" | "right" | "top";
  children: ReactNode;
}

export interface MenuItemProps {
  icon?: ReactNode;
  shortcut?: string;
  danger?: boolean;
  disabled?: boolean;
  hint?: ReactNode;
  onSelect(): void;
  children: ReactNode;
}

type Parts = typeof import("./menu-parts");

export const MenuParts = createContext<Parts | null>(null);
let loaded: Parts | null = null;

/** The machinery of menus is a chunk of its own: a page is drawn before anybody opens one. */
export async function loadMenus(): Promise<Parts> {
  loaded ??= await import("./menu-parts");
  return loaded;
}

/** A menu under its trigger. Items: `MenuItem`, `MenuLink`, `MenuLabel`, `MenuSeparator`. */
export function Menu({ trigger, ...props }: MenuProps & { trigger: ReactElement<ComponentProps<"button">> }) {
  const [parts, setParts] = useState<Parts | null>(null);
  const [open, setOpen] = useState(false);
  if (parts) {
    return (
      <MenuParts value={parts}>
        <parts.MenuRoot trigger={trigger} open={open} onOpenChange={setOpen} {...props} />
      </MenuParts>
    );
  }
  return cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: () => void loadMenus(),
    onFocus: () => void loadMenus(),
    onClick: () => {
      void loadMenus().then((machinery) => {
        setParts(machinery);
        setOpen(true);
      });
    },
  });
}

/** For what takes the focus itself: a menu that closes gives it back to where it was, a moment later. */
export function whenClosed(action: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(action));
}

function useParts(): Parts {
  const parts = use(MenuParts);
  if (!parts) throw new Error("An item of a menu stands outside of a menu.");
  return parts;
}

export function MenuItem(props: MenuItemProps) {
  const { Item } = useParts();
  return <Item {...props} />;
}

export function MenuLink(props: { href: string; icon?: ReactNode; children: ReactNode }) {
  const { LinkItem } = useParts();
  return <LinkItem {...props} />;
}

export function MenuLabel(props: { children: ReactNode }) {
  const { Label } = useParts();
  return <Label {...props} />;
}

export function MenuSeparator() {
  const { Separator } = useParts();
  return <Separator />;
}
