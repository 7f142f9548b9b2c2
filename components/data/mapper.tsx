"use client";

import clsx from "clsx";
import { CornerDownLeft, X } from "lucide-react";
import { type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import { nameShape } from "@/flow/shape/shape";
import { ExpressionField } from "../form/expression-field";
import { pathType } from "../form/insertion";
import { Button, IconButton } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Tag } from "../ui/tag";
import { DataTree } from "./data-tree";
import { type Mapping, nameAfter, readMapping, readTarget, setRow, writeMapping } from "./mapping";

/**
 * A map as lines from the fields of the body to those of the result: drawn by dragging, by picking one side and then the other, or typed.
 * It writes the same settings as the form.
 */
export default function Mapper(props: {
  config: Readonly<Record<string, unknown>>;
  sample: unknown;
  words: string | undefined;
  readOnly: boolean;
  onChange(field: string, value: unknown): void;
  onClose(): void;
}) {
  const { config, sample, words, readOnly, onChange, onClose } = props;
  const mapping = useMemo(() => readMapping(config), [config]);
  const target = useMemo(() => readTarget(config.target), [config.target]);
  const [picked, setPicked] = useState<string | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const change = (next: Mapping) => {
    const { field, value } = writeMapping(next);
    onChange(field, value);
  };
  const put = (field: string, path: string) => {
    change(setRow(mapping, field, path));
    setPicked(null);
  };
  const has = new Set(mapping.rows.map(({ field }) => field));
  const open = Object.keys(target?.fields ?? {}).filter((field) => !has.has(field));
  // Where fields are set, those that the body has by the same name stay as they are.
  const kept = (field: string) =>
    mapping.mode === "set" && typeof sample === "object" && sample !== null && field in sample;
  const missing = open.filter((field) => !target!.fields[field]!.optional && !kept(field));
  return (
    <Dialog
      open
      width="xl"
      onOpenChange={(next) => !next && onClose()}
      title="Map fields"
      description={
        mapping.mode === "value"
          ? "These fields are the whole new body."
          : "These fields are set, the other fields of the body stay."
      }
      footer={
        <>
          <p className="mr-auto self-center text-12" role="status">
            {picked !== null ? (
              <span>
                <code className="font-mono">{picked}</code> is picked. Choose where it goes.
              </span>
            ) : missing.length > 0 ? (
              <span className="text-warn">Missing: {missing.join(", ")}</span>
            ) : target ? (
              <span className="text-ok">Every required field is filled.</span>
            ) : (
              <span className="text-muted">With a target schema, missing fields are shown here.</span>
            )}
          </p>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      {mapping.mode === "free" ? (
        <p className="text-muted">
          The new body is an expression that is no list of fields. Change it in the form, or clear it to draw lines.
        </p>
      ) : (
        <div ref={frame} className="relative grid grid-cols-[minmax(0,5fr)_88px_minmax(0,7fr)]">
          <section aria-label="Source" className="min-w-0 rounded-md border bg-sunken p-2">
            <h3 className="mb-1 font-semibold">
              From <span className="font-normal text-muted">{words}</span>
            </h3>
            <DataTree
              label="Fields of the body"
              root="body"
              value={sample}
              {...(readOnly ? {} : { onPick: setPicked })}
            />
          </section>
          <Lines frame={frame} mapping={mapping} />
          <section aria-label="Target" className="flex min-w-0 flex-col gap-2">
            {mapping.rows.map(({ field, expression }) => (
              <Target key={field} field={field} filled picked={picked} readOnly={readOnly} onPut={put}>
                <div className="min-w-0 flex-1">
                  <ExpressionField
                    id={`mapper-${field}`}
                    label={`Value of ${field}`}
                    path={`set.${field}`}
                    value={expression}
                    onChange={(text) => change(setRow(mapping, field, text))}
                  />
                </div>
                {readOnly ? null : (
                  <IconButton size="sm" label={`Remove ${field}`} onClick={() => change(setRow(mapping, field, null))}>
                    <X className="!size-3.5" />
                  </IconButton>
                )}
              </Target>
            ))}
            {open.map((field) => (
              <Target key={field} field={field} filled={false} picked={picked} readOnly={readOnly} onPut={put}>
                <span className="min-w-0 flex-1 truncate text-12 text-muted">
                  {nameShape(target!.fields[field]!.shape, 1)}
                  {kept(field) ? ", stays as it is" : ""}
                </span>
                {target!.fields[field]!.optional || kept(field) ? null : <Tag tone="warn">required, missing</Tag>}
              </Target>
            ))}
            {readOnly ? null : <NewTarget picked={picked} taken={has} onPut={put} />}
          </section>
        </div>
      )}
    </Dialog>
  );
}

function Target(props: {
  field: string;
  filled: boolean;
  picked: string | null;
  readOnly: boolean;
  onPut(field: string, path: string): void;
  children: ReactNode;
}) {
  const { field, filled, picked, readOnly, onPut, children } = props;
  const [over, setOver] = useState(false);
  return (
    <div
      data-target={field}
      className={clsx(
        "flex items-start gap-2 rounded-md border px-2 py-1.5",
        filled ? "border-line" : "border-dashed border-line-strong",
        over && "!border-accent bg-accent-soft",
      )}
      {...(readOnly ? {} : dropOf((path) => onPut(field, path), setOver))}
    >
      <b className="w-28 shrink-0 truncate py-1 font-mono text-12 font-medium" title={field}>
        {field}
      </b>
      {children}
      {picked === null ? null : (
        <IconButton size="sm" label={`Put ${picked} into ${field}`} onClick={() => onPut(field, picked)}>
          <CornerDownLeft className="!size-3.5" />
        </IconButton>
      )}
    </div>
  );
}

/** The place for a field that is not there yet: named after what is put there, or by hand. */
function NewTarget(props: {
  picked: string | null;
  taken: ReadonlySet<string>;
  onPut(field: string, path: string): void;
}) {
  const { picked, taken, onPut } = props;
  const [over, setOver] = useState(false);
  const put = (path: string) => {
    const name = nameAfter(path);
    let free = name;
    for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
    onPut(free, path);
  };
  return (
    <button
      type="button"
      className={clsx(
        "rounded-md border border-dashed border-line-strong px-2 py-2 text-12 text-muted hover:bg-hover",
        over && "!border-accent bg-accent-soft",
      )}
      onClick={() =>
        picked === null ? onPut(taken.has("field") ? `field_${taken.size + 1}` : "field", "null") : put(picked)
      }
      {...dropOf(put, setOver)}
    >
      {picked === null ? "Drop a field here, or add one by hand" : `Put ${picked} into a new field`}
    </button>
  );
}

function dropOf(put: (path: string) => void, setOver: (over: boolean) => void) {
  return {
    onDragOver(event: React.DragEvent) {
      if (!event.dataTransfer.types.includes(pathType)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    // In front of the expression's own: here a field is filled, not written into.
    onDropCapture(event: React.DragEvent) {
      setOver(false);
      const path = event.dataTransfer.getData(pathType);
      if (path === "") return;
      event.preventDefault();
      event.stopPropagation();
      put(path);
    },
  };
}

/** The lines between source and target, for what is read in each expression. */
function Lines({ frame, mapping }: { frame: React.RefObject<HTMLDivElement | null>; mapping: Mapping }) {
  const svg = useRef<SVGSVGElement>(null);
  const [lines, setLines] = useState<readonly string[]>([]);
  useLayoutEffect(() => {
    const own = frame.current;
    if (!own) return;
    const draw = () => {
      const box = svg.current!.getBoundingClientRect();
      const drawn = mapping.rows.flatMap(({ field, expression }) => {
        const to = own.querySelector(`[data-target="${CSS.escape(field)}"]`)?.getBoundingClientRect();
        if (!to) return [];
        return pathsIn(expression).flatMap((path) => {
          const from = findRow(own, path)?.getBoundingClientRect();
          if (!from) return [];
          const [y1, y2] = [from.top + from.height / 2 - box.top, to.top + Math.min(20, to.height / 2) - box.top];
          return [`M0 ${y1} C ${box.width / 2} ${y1}, ${box.width / 2} ${y2}, ${box.width} ${y2}`];
        });
      });
      setLines((before) => (before.join() === drawn.join() ? before : drawn));
    };
    draw();
    const observer = new ResizeObserver(draw);
    for (const element of [own, ...own.querySelectorAll("section")]) observer.observe(element);
    own.addEventListener("click", draw);
    return () => {
      observer.disconnect();
      own.removeEventListener("click", draw);
    };
  }, [frame, mapping]);
  return (
    <svg ref={svg} className="h-full w-full overflow-visible" aria-hidden>
      {lines.map((d) => (
        <path key={d} d={d} fill="none" stroke="var(--accent)" strokeWidth={1.5} />
      ))}
    </svg>
  );
}

function pathsIn(expression: string): string[] {
  return [
    ...new Set(expression.match(/\bbody(?:\.\??[A-Za-z_]\w*|\[\d+\])*/g)?.map((path) => path.replaceAll("?", ""))),
  ];
}

/** The row of a path, or of the nearest one above it that is open. */
function findRow(frame: HTMLElement, path: string): Element | null {
  for (let at = path; at !== ""; at = at.replace(/(?:\.[^.[\]]*|\[[^\]]*\]|^\w+)$/, "")) {
    const row = frame.querySelector(`[data-path="${CSS.escape(at)}"]`);
    if (row) return row;
  }
  return null;
}
