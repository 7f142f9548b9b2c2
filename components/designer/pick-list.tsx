"use client";

import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Input } from "../ui/input";

export interface PickItem {
  id: string;
  icon: ReactNode;
  title: string;
  hint: string;
}

const width = 272;
const height = 344;

/** A list at a place of the screen: type to search, choose with the arrows, Enter. Escape or a press elsewhere closes it. */
export function PickList({
  label,
  placeholder,
  screen,
  search,
  empty,
  onPick,
  onClose,
}: {
  label: string;
  placeholder: string;
  screen: { x: number; y: number };
  search(text: string): readonly PickItem[];
  empty: string;
  onPick(id: string): void;
  onClose(): void;
}) {
  const [text, setText] = useState("");
  const [index, setIndex] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const listId = useId();
  const found = search(text);
  const chosen = found[Math.min(index, found.length - 1)];

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as globalThis.Node)) onClose();
    };
    window.addEventListener("pointerdown", outside, true);
    return () => window.removeEventListener("pointerdown", outside, true);
  });
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  });

  return (
    <div
      ref={box}
      role="dialog"
      aria-label={label}
      className="fixed z-30 flex animate-appear flex-col rounded-lg border border-line bg-raised p-2 shadow-float"
      style={{
        width,
        maxHeight: height,
        left: Math.max(8, Math.min(screen.x + 4, window.innerWidth - width - 8)),
        top: Math.max(8, Math.min(screen.y + 4, window.innerHeight - height - 8)),
      }}
    >
      <Input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={chosen ? `${listId}-${chosen.id}` : undefined}
        aria-label={placeholder}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setIndex(0);
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape" || event.key === "Tab") {
            event.preventDefault();
            onClose();
          } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const step = event.key === "ArrowDown" ? 1 : -1;
            setIndex(
              (before) => (Math.min(before, found.length - 1) + step + found.length) % Math.max(1, found.length),
            );
          } else if (event.key === "Enter" && chosen) {
            event.preventDefault();
            onPick(chosen.id);
          }
        }}
      />
      <div id={listId} role="listbox" aria-label={label} className="thin-scroll mt-1 min-h-0 overflow-y-auto">
        {found.map((item, position) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the search box has the keyboard
          <div
            key={item.id}
            id={`${listId}-${item.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={item === chosen}
            className="flex cursor-pointer items-center gap-2.5 rounded-md px-1.5 py-1 aria-selected:bg-hover"
            onPointerMove={() => setIndex(position)}
            onClick={() => onPick(item.id)}
          >
            {item.icon}
            <span className="min-w-0 leading-4">
              {item.title}
              <span className="block truncate text-12 text-faint">{item.hint}</span>
            </span>
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className="px-2 py-3 text-muted">{empty}</p> : null}
    </div>
  );
}
