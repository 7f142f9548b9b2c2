"use client";

import { useReactFlow, useStore } from "@xyflow/react";
import { LayoutGrid, Maximize, Minus, Plus, Redo2, Undo2 } from "lucide-react";
import { useState } from "react";
import { titleOfNode } from "../drawing/kinds";
import { Popover } from "../ui/popover";
import { Tooltip } from "../ui/tooltip";
import { useDesigner, useDesignerStore } from "./context";
import { moveNodes, nodeOf } from "./edit";
import { ProblemsButton } from "./problems-list";
import { fitOptions, motionMs } from "./use-view";

/** Bottom left: zoom, fit, tidy, undo, the flow's guarantee, its problems. */
export function CanvasBar() {
  const store = useDesignerStore();
  const flow = useReactFlow();
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  const readOnly = useDesigner((state) => state.readOnly);
  const canUndo = useDesigner((state) => state.history.past.length > 0);
  const canRedo = useDesigner((state) => state.history.future.length > 0);
  const showAll = () => flow.fitView({ ...fitOptions, duration: motionMs() });

  async function tidy() {
    const { layOut } = await import("../drawing/layout");
    const { document, apply } = store.getState();
    apply(moveNodes(document, layOut(document)));
    requestAnimationFrame(() => void showAll());
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
            <BarButton label="Tidy up" onPress={() => void tidy()}>
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
      </div>
      <Guarantee />
      <ProblemsButton />
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

/** What the flow guarantees, always in sight; why, on a press. */
function Guarantee() {
  const store = useDesignerStore();
  const semantics = useDesigner((state) => state.semantics);
  const document = useDesigner((state) => state.document);
  const [open, setOpen] = useState(false);
  if (!semantics || document.nodes.length === 0) return null;
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      side="top"
      className="!w-96"
      trigger={
        <button
          type="button"
          className="h-8 rounded-md border border-line bg-surface px-2.5 text-12 text-text hover:bg-hover"
          data-testid="guarantee"
        >
          {semantics.summary}
        </button>
      }
    >
      <h3 className="font-semibold">{semantics.summary}</h3>
      <p className="mt-0.5 text-12 text-muted">What this drawing guarantees for each message, and why.</p>
      <ul className="mt-2 flex flex-col gap-2">
        {semantics.reasons.map((reason) => {
          const node = reason.node === undefined ? undefined : nodeOf(document, reason.node);
          return (
            <li key={`${reason.node}${reason.text}`} className="text-12">
              {node ? (
                <button
                  type="button"
                  className="mr-1 font-medium text-accent hover:underline"
                  onClick={() => {
                    setOpen(false);
                    store.getState().inspect(node.id);
                  }}
                >
                  {titleOfNode(node)}:
                </button>
              ) : null}
              {reason.text}
            </li>
          );
        })}
      </ul>
    </Popover>
  );
}
