"use client";

import { useEffect, useRef, useState } from "react";
import type { Kind } from "@/flow/kind";
import { KindChip } from "../drawing/kind-chip";
import { Input } from "../ui/input";
import { addByQuickAdd } from "./add-kind";
import { useDesigner, useDesignerStore } from "./context";
import { searchKinds } from "./kind-list";
import type { QuickAdd as Place } from "./store";

/** The list of kinds at the pointer: type, choose with the arrows, Enter. */
export function QuickAdd() {
  const place = useDesigner((state) => state.quickAdd);
  return place ? <QuickAddList key={`${place.screen.x}:${place.screen.y}`} place={place} /> : null;
}

const width = 264;
const height = 336;

function QuickAddList({ place }: { place: Place }) {
  const store = useDesignerStore();
  const [text, setText] = useState("");
  const [index, setIndex] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const close = () => store.getState().set({ quickAdd: null });

  // Behind a port or in a wire only what takes messages fits, in a wire only what hands them on.
  const fits = (kind: Kind) =>
    place.wire !== undefined ? kind.role === "step" : place.from ? kind.role !== "source" : true;
  const found = searchKinds(text, fits);
  const chosen = found[Math.min(index, found.length - 1)];

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as globalThis.Node)) close();
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
      aria-label="Add a node"
      className="fixed z-30 flex animate-appear flex-col rounded-lg border border-line bg-raised p-2 shadow-float"
      style={{
        width,
        maxHeight: height,
        left: Math.max(8, Math.min(place.screen.x + 4, window.innerWidth - width - 8)),
        top: Math.max(8, Math.min(place.screen.y + 4, window.innerHeight - height - 8)),
      }}
    >
      <Input
        // biome-ignore lint/a11y/noAutofocus: opened by the person, to type
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="quick-add-kinds"
        aria-activedescendant={chosen ? `quick-add-${chosen.kind}` : undefined}
        aria-label="Search kinds"
        placeholder={place.from ? `What comes behind ${place.from.node}?` : "Search kinds"}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setIndex(0);
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape" || event.key === "Tab") {
            event.preventDefault();
            close();
          } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const step = event.key === "ArrowDown" ? 1 : -1;
            setIndex((before) => (Math.min(before, found.length - 1) + step + found.length) % found.length);
          } else if (event.key === "Enter" && chosen) {
            event.preventDefault();
            addByQuickAdd(store, chosen.kind, place);
          }
        }}
      />
      <div id="quick-add-kinds" role="listbox" aria-label="Kinds" className="thin-scroll mt-1 min-h-0 overflow-y-auto">
        {found.map((kind, position) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the search box has the keyboard
          <div
            key={kind.kind}
            id={`quick-add-${kind.kind}`}
            role="option"
            tabIndex={-1}
            aria-selected={kind === chosen}
            className="flex cursor-pointer items-center gap-2.5 rounded-md px-1.5 py-1 aria-selected:bg-hover"
            onPointerMove={() => setIndex(position)}
            onClick={() => addByQuickAdd(store, kind.kind, place)}
          >
            <KindChip kind={kind} />
            <span className="min-w-0 leading-4">
              {kind.label}
              <span className="block truncate text-12 text-faint">{kind.summary}</span>
            </span>
          </div>
        ))}
        {found.length === 0 ? <p className="px-2 py-3 text-muted">No kind fits.</p> : null}
      </div>
    </div>
  );
}
