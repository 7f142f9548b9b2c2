"use client";

import clsx from "clsx";
import { Popover as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";

/** A small panel beside its trigger, for what needs more than a menu and less than a dialog. */
export function Popover({
  trigger,
  open,
  onOpenChange,
  onOpenAutoFocus,
  align = "start",
  side = "bottom",
  className,
  children,
}: {
  trigger: ReactElement;
  open?: boolean;
  onOpenChange?(open: boolean): void;
  /** Prevent its default to say oneself where the focus goes. */
  onOpenAutoFocus?(event: Event): void;
  align?: "start" | "center" | "end";
  side?: "top" | "right" | "bottom" | "left";
  className?: string;
  children: ReactNode;
}) {
  const controlled = { ...(open === undefined ? {} : { open }), ...(onOpenChange ? { onOpenChange } : {}) };
  return (
    <Radix.Root {...controlled}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          {...(onOpenAutoFocus ? { onOpenAutoFocus } : {})}
          align={align}
          side={side}
          sideOffset={4}
          onEscapeKeyDown={keepForField}
          collisionPadding={8}
          className={clsx(
            "z-50 w-72 animate-appear rounded-md border border-line bg-raised p-3 shadow-float",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A field that takes Escape itself, to leave what is typed, marks that; Radix hears the key before the field does. */
function keepForField(event: KeyboardEvent) {
  if (event.target instanceof Element && event.target.closest("[data-takes-escape]")) event.preventDefault();
}
