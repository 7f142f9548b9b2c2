"use client";

import clsx from "clsx";
import { Command } from "cmdk";
import { Search } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";

/** A box over the page in which one types and chooses: the command palette, the search through all flows. */
export function CommandBox({
  className,
  listClassName,
  text,
  onText,
  placeholder,
  children,
  ...rest
}: Pick<ComponentProps<typeof Command.Dialog>, "open" | "onOpenChange" | "label" | "filter" | "shouldFilter"> & {
  /** Of the box: its place and width. */
  className: string;
  /** Of the list: its height. */
  listClassName: string;
  text: string;
  onText(text: string): void;
  placeholder: string;
  children: ReactNode;
}) {
  return (
    <Command.Dialog
      {...rest}
      overlayClassName="fixed inset-0 z-40 bg-[rgb(8_16_15/0.42)]"
      contentClassName={clsx(
        "fixed left-1/2 z-40 max-w-[calc(100vw-32px)] -translate-x-1/2 animate-appear overflow-hidden rounded-lg border border-line bg-surface shadow-float",
        className,
      )}
    >
      <div className="flex items-center gap-2.5 border-b px-4">
        <Search className="size-4 shrink-0 text-faint" aria-hidden />
        <Command.Input
          value={text}
          onValueChange={onText}
          placeholder={placeholder}
          className="h-11 w-full bg-transparent text-14 outline-none"
        />
      </div>
      <Command.List className={clsx("thin-scroll overflow-auto p-2", listClassName)}>{children}</Command.List>
    </Command.Dialog>
  );
}
