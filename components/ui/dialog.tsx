"use client";

import clsx from "clsx";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./button";

const widths = { sm: "w-[420px]", md: "w-[560px]", lg: "w-[760px]", xl: "w-[1000px]" };

export interface DialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the main one last. */
  footer?: ReactNode;
  width?: keyof typeof widths;
}

/** A dialog over the page: Escape closes it, focus returns to where it was. */
export function Dialog({ open, onOpenChange, title, description, children, footer, width = "md" }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(8_16_15/0.42)]" />
        <Radix.Content
          onOpenAutoFocus={focusFirstField}
          onEscapeKeyDown={keepForSuggestions}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={clsx(
            "fixed left-1/2 top-[12vh] z-40 flex outline-none max-h-[80vh] max-w-[calc(100vw-32px)] -translate-x-1/2 animate-appear flex-col rounded-lg border border-line bg-surface shadow-float",
            widths[width],
          )}
        >
          <div className="flex items-start gap-3 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-16 font-semibold">{title}</Radix.Title>
              {description ? <Radix.Description className="mt-1 text-muted">{description}</Radix.Description> : null}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" shortcut="Esc" className="-mr-2">
                <X />
              </IconButton>
            </Radix.Close>
          </div>
          <div data-dialog-body className="thin-scroll min-h-0 flex-1 overflow-auto px-5 py-4">
            {children}
          </div>
          {footer ? (
            <div data-dialog-footer className="flex justify-end gap-2 border-t px-5 py-3">
              {footer}
            </div>
          ) : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Suggestions of an expression's editor lie on top: Escape closes them first. */
function keepForSuggestions(event: Event) {
  if (document.querySelector(".cm-tooltip-autocomplete")) event.preventDefault();
}

/** The first thing to fill in gets the focus, else the first button below (the one that does no harm), else the dialog; never the cross. */
function focusFirstField(event: Event) {
  const content = event.currentTarget as HTMLElement;
  const first =
    content.querySelector<HTMLElement>(
      "[data-dialog-body] :is(input:not([type=hidden]), textarea, [role=combobox]):not(:disabled)",
    ) ?? content.querySelector<HTMLElement>("[data-dialog-footer] button:not(:disabled)");
  event.preventDefault();
  (first ?? content).focus();
}
