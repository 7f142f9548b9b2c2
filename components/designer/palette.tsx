"use client";

import { useReactFlow } from "@xyflow/react";
import { Search, StickyNote } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { chipClass, KindChip } from "../drawing/kind-chip";
import { Input } from "../ui/input";
import { Kbd } from "../ui/kbd";
import { addByClick } from "./add-kind";
import { dragType } from "./canvas";
import { useDesignerStore } from "./context";
import { addNote, noteId } from "./edit";
import { groupKinds, searchKinds } from "./kind-list";

const itemClass =
  "flex w-full cursor-grab items-center gap-2.5 rounded-md px-1 py-[5px] text-left transition-colors hover:bg-hover active:cursor-grabbing";

/** All kinds at the left: drag one onto the canvas, or click it. */
export function Palette() {
  const store = useDesignerStore();
  const { screenToFlowPosition } = useReactFlow();
  const [text, setText] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const found = searchKinds(text);

  /** The middle of the canvas, in the drawing's own measures. */
  const middle = () => {
    const box = document.querySelector(".drawing")?.getBoundingClientRect();
    return screenToFlowPosition(box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 0, y: 0 });
  };
  const add = (kind: string) => addByClick(store, kind, middle());
  const start = (kind: string) => (event: DragEvent) => {
    event.dataTransfer.setData(dragType, kind);
    event.dataTransfer.effectAllowed = "copy";
  };

  return (
    <nav aria-label="Palette" className="flex w-[232px] shrink-0 flex-col border-r bg-surface">
      <div className="relative px-3 pb-1 pt-3">
        <Input
          type="search"
          aria-label="Search kinds"
          placeholder="Search kinds"
          className="!h-8 pl-8 pr-10"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && found[0]) add(found[0].kind);
            if (event.key === "ArrowDown") list.current?.querySelector("button")?.focus();
            if (event.key === "Escape" && text) {
              event.stopPropagation();
              setText("");
            }
          }}
        />
        <Search className="pointer-events-none absolute left-5 top-5 size-4 text-faint" aria-hidden />
        {text ? null : (
          <span className="pointer-events-none absolute right-5 top-[17px]">
            <Kbd>Tab</Kbd>
          </span>
        )}
      </div>
      <div ref={list} className="thin-scroll min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {groupKinds(found).map(({ category, kinds }) => (
          <section key={category} aria-label={category}>
            <h2 className="mb-1 ml-1 mt-3 text-12 font-medium text-muted">{category}</h2>
            {kinds.map((kind) => (
              <button
                key={kind.kind}
                type="button"
                draggable
                data-kind={kind.kind}
                className={itemClass}
                aria-label={`Add ${kind.label}: ${kind.summary}`}
                onDragStart={start(kind.kind)}
                onClick={() => add(kind.kind)}
              >
                <KindChip kind={kind} />
                <span className="min-w-0 leading-4">
                  {kind.label}
                  <span className="block truncate text-12 text-faint">{kind.summary}</span>
                </span>
              </button>
            ))}
          </section>
        ))}
        {found.length === 0 ? (
          <p className="px-1 py-4 text-muted">No kind fits “{text}”. Clear the search to see all of them.</p>
        ) : null}
        {text ? null : (
          <section aria-label="Drawing">
            <h2 className="mb-1 ml-1 mt-3 text-12 font-medium text-muted">Drawing</h2>
            <button
              type="button"
              draggable
              className={itemClass}
              onDragStart={start("note")}
              onClick={() => {
                const { document, apply } = store.getState();
                const at = middle();
                const note = addNote(document, { x: at.x - 100, y: at.y - 30 });
                apply(note.document, { select: [noteId(note.id)] });
              }}
            >
              <span className={`${chipClass} [--c:var(--warn)]`} aria-hidden>
                <StickyNote />
              </span>
              <span className="min-w-0 leading-4">
                Note
                <span className="block text-12 text-faint">Words on the drawing, in Markdown</span>
              </span>
            </button>
          </section>
        )}
      </div>
    </nav>
  );
}
