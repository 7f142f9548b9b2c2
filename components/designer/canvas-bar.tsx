"use client";

import { useReactFlow, useStore } from "@xyflow/react";
import { LayoutGrid, Maximize, Minus, Plus, Redo2, Settings, Undo2 } from "lucide-react";
import { motionMs } from "../ui/motion";
import { Tooltip } from "../ui/tooltip";
import { tidyUp } from "./arranging";
import { useDesigner, useDesignerStore } from "./context";
import { Facts } from "./facts";
import { fitOptions } from "./fit-options";

/** Bottom left: zoom, fit, tidy, undo, the flow's settings, its guarantee, its problems. */
export function CanvasBar() {
  const store = useDesignerStore();
  const flow = useReactFlow();
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  const readOnly = useDesigner((state) => state.readOnly);
  const canUndo = useDesigner((state) => state.history.past.length > 0);
  const canRedo = useDesigner((state) => state.history.future.length > 0);
  const showAll = () => flow.fitView({ ...fitOptions, duration: motionMs() });

  async function tidy() {
    if ((await tidyUp(store)) === "all") requestAnimationFrame(() => void showAll());
  }

  return (
    <div className="pointer-events-none absolute bottom-3 left-3 z-10 flex max-w-[calc(100%-190px)] flex-wrap items-center gap-2 [&>*]:pointer-events-auto">
      <div
        className="flex items-center divide-x divide-line rounded-md border border-line bg-surface"
        role="toolbar"
        aria-label="View"
      >
        <BarButton label="Zoom in" onPress={() => flow.zoomIn({ duration: motionMs() })}>
          <Plus />
        </BarButton>
        <Tooltip content="Back to full size">
          <button
            type="button"
            aria-label={`Zoom ${zoom} %. Back to full size`}
            className="h-8 w-11 text-12 text-muted hover:text-text"
            onClick={() => flow.zoomTo(1, { duration: motionMs() })}
          >
            {zoom} %
          </button>
        </Tooltip>
        <BarButton label="Zoom out" onPress={() => flow.zoomOut({ duration: motionMs() })}>
          <Minus />
        </BarButton>
        <BarButton label="Fit the drawing" shortcut="F" onPress={showAll}>
          <Maximize />
        </BarButton>
        {readOnly ? null : (
          <>
            <BarButton label="Tidy up" shortcut="Shift L" onPress={() => void tidy()}>
              <LayoutGrid />
            </BarButton>
            <BarButton label="Undo" shortcut="Ctrl Z" disabled={!canUndo} onPress={store.getState().undo}>
              <Undo2 />
            </BarButton>
            <BarButton label="Redo" shortcut="Ctrl Y" disabled={!canRedo} onPress={store.getState().redo}>
              <Redo2 />
            </BarButton>
          </>
        )}
        <BarButton label="Flow settings" onPress={() => store.getState().set({ settingUp: true })}>
          <Settings />
        </BarButton>
      </div>
      <Facts />
    </div>
  );
}

function BarButton(props: {
  label: string;
  shortcut?: string;
  disabled?: boolean;
  onPress(): unknown;
  children: React.ReactNode;
}) {
  return (
    <Tooltip content={props.label} shortcut={props.shortcut}>
      <button
        type="button"
        aria-label={props.label}
        disabled={props.disabled}
        className="grid size-8 place-items-center text-muted transition-colors hover:text-text disabled:opacity-40 [&_svg]:size-4"
        onClick={() => void props.onPress()}
      >
        {props.children}
      </button>
    </Tooltip>
  );
}
