"use client";

import { useReactFlow, ViewportPortal } from "@xyflow/react";
import { Check, Ellipsis, Pencil, Ungroup } from "lucide-react";
import { type PointerEvent, useRef } from "react";
import { groupColors } from "@/flow/document";
import { type Frame, framesOf } from "../drawing/group-frames";
import { Menu, MenuItem, MenuLabel, MenuSeparator, whenClosed } from "../ui/menu";
import { groupId } from "./arranging";
import { useDesigner, useDesignerStore } from "./context";
import type { Point } from "./edit";
import { changeGroup, ungroup } from "./edit-groups";

const colorWords = {
  gray: "Grey",
  blue: "Blue",
  green: "Green",
  amber: "Amber",
  red: "Red",
  violet: "Violet",
} as const;

/** The groups on the canvas: each a frame behind its nodes, held and named by its title. */
export function GroupFrames() {
  const document = useDesigner((state) => state.document);
  const nodes = useDesigner((state) => state.nodes);
  const frames = framesOf(document, new Map(nodes.map((node) => [node.id, node.position])));
  const chosen = new Set(nodes.filter((node) => node.selected).map(({ id }) => id));
  return (
    <ViewportPortal>
      {frames.map((frame) => (
        <GroupFrame key={frame.group.id} frame={frame} isChosen={frame.group.nodes.every((id) => chosen.has(id))} />
      ))}
    </ViewportPortal>
  );
}

function GroupFrame({ frame, isChosen }: { frame: Frame; isChosen: boolean }) {
  const { group, x, y, width, height } = frame;
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const writing = useDesigner((state) => state.writing === groupId(group.id)) && !readOnly;
  const drag = useDrag(group.nodes);
  const choose = () => store.getState().select(group.nodes);
  const write = () => store.getState().set({ writing: groupId(group.id) });
  const color = group.color ?? "gray";
  return (
    <section
      className="group-frame"
      aria-label={`Group ${group.title}`}
      data-group={group.id}
      data-color={color}
      data-chosen={isChosen || undefined}
      style={{ transform: `translate(${x}px, ${y}px)`, width, height }}
    >
      <div className="group-head nopan nodrag">
        {writing ? (
          <TitleInput group={group.id} title={group.title} />
        ) : (
          <button
            type="button"
            className="group-title"
            aria-label={`Group ${group.title}: choose its nodes`}
            {...(readOnly ? {} : drag)}
            onClick={choose}
            onFocus={(event) => event.currentTarget.matches(":focus-visible") && choose()}
            onDoubleClick={write}
            onKeyDown={(event) => {
              if (event.key !== "F2" || readOnly) return;
              event.stopPropagation();
              write();
            }}
          >
            {group.title || "Untitled group"}
          </button>
        )}
        {readOnly ? null : (
          <Menu
            trigger={
              <button type="button" className="group-menu" aria-label={`More about group ${group.title}`}>
                <Ellipsis aria-hidden />
              </button>
            }
          >
            <MenuItem icon={<Pencil />} shortcut="F2" onSelect={() => whenClosed(write)}>
              Rename
            </MenuItem>
            <MenuItem
              icon={<Ungroup />}
              shortcut="Ctrl Shift G"
              onSelect={() => store.getState().apply(ungroup(store.getState().document, [group.id]))}
            >
              Ungroup
            </MenuItem>
            <MenuSeparator />
            <MenuLabel>Colour</MenuLabel>
            {groupColors.map((name) => (
              <MenuItem
                key={name}
                icon={
                  <span className="group-swatch" data-color={name} aria-hidden>
                    {name === color ? <Check /> : null}
                  </span>
                }
                onSelect={() => {
                  const { document, apply } = store.getState();
                  apply(changeGroup(document, group.id, { color: name }));
                }}
              >
                {colorWords[name]}
              </MenuItem>
            ))}
          </Menu>
        )}
      </div>
    </section>
  );
}

function TitleInput({ group, title }: { group: string; title: string }) {
  const store = useDesignerStore();
  const end = () => store.getState().set({ writing: null });
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: opened by the person, to write
      autoFocus
      aria-label="Title of the group"
      className="group-input"
      value={title}
      maxLength={120}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={end}
      onChange={(event) => {
        const { document, apply } = store.getState();
        apply(changeGroup(document, group, { title: event.target.value }), { group: `group.${group}` });
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}

/** A frame that is dragged takes its nodes along, as one step. */
function useDrag(ids: readonly string[]) {
  const store = useDesignerStore();
  const flow = useReactFlow();
  const from = useRef<{ at: Point; places: ReadonlyMap<string, Point>; moved: boolean } | null>(null);
  const move = (event: PointerEvent, dragging: boolean) => {
    const start = from.current;
    if (!start) return;
    const zoom = flow.getZoom();
    const by = { x: (event.clientX - start.at.x) / zoom, y: (event.clientY - start.at.y) / zoom };
    if (!start.moved && Math.hypot(by.x, by.y) * zoom < 3) return;
    start.moved = true;
    store.getState().changeNodes(
      [...start.places].map(([id, place]) => ({
        id,
        type: "position" as const,
        position: { x: place.x + by.x, y: place.y + by.y },
        dragging,
      })),
    );
  };
  return {
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const own = store.getState().nodes.filter(({ id }) => ids.includes(id));
      const places = new Map(own.map((node) => [node.id, node.position]));
      from.current = { at: { x: event.clientX, y: event.clientY }, places, moved: false };
    },
    onPointerMove(event: PointerEvent) {
      move(event, true);
    },
    onPointerUp(event: PointerEvent) {
      if (from.current?.moved) move(event, false);
      from.current = null;
    },
  };
}
