"use client";

import clsx from "clsx";
import Link from "next/link";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { Kbd } from "./kbd";
import type { MenuItemProps, MenuProps } from "./menu";

/** The machinery of menus, loaded with the first one that is opened (`menu.tsx`). */
export function MenuRoot({
  trigger,
  align = "end",
  side = "bottom",
  open,
  onOpenChange,
  children,
}: MenuProps & { trigger: ReactElement; open: boolean; onOpenChange(open: boolean): void }) {
  return (
    <Radix.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-44 animate-appear rounded-md border border-line bg-raised p-1 shadow-float"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const itemClass =
  "flex cursor-default select-none items-center gap-2 rounded-sm px-2 py-1 outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover [&_svg]:size-4 [&_svg]:text-muted";

export function Item({ icon, shortcut, danger = false, disabled = false, hint, onSelect, children }: MenuItemProps) {
  return (
    <Radix.Item
      disabled={disabled}
      onSelect={onSelect}
      className={clsx(itemClass, danger && "text-bad [&_svg]:!text-bad")}
    >
      {icon}
      <span className="min-w-0 flex-1">
        {children}
        {hint ? <span className="block text-12 text-faint">{hint}</span> : null}
      </span>
      {shortcut ? <Kbd>{shortcut}</Kbd> : null}
    </Radix.Item>
  );
}

export function LinkItem({ href, icon, children }: { href: string; icon?: ReactNode; children: ReactNode }) {
  return (
    <Radix.Item asChild className={itemClass}>
      <Link href={href}>
        {icon}
        <span className="flex-1">{children}</span>
      </Link>
    </Radix.Item>
  );
}

export function Label({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 py-1 text-12 text-faint">{children}</Radix.Label>;
}

export function Separator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
