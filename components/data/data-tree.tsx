"use client";

import { ChevronRight, Copy } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { insertPath, pathType } from "../form/insertion";
import { notify } from "../ui/toast";

const shownAtFirst = 100;
const longText = 160;

interface Row {
  readonly path: string;
  readonly name: string;
  readonly value: unknown;
  readonly depth: number;
  readonly open: boolean | null;
  readonly more?: number;
}

/**
 * A value as a tree whose fields can be dragged into an expression, or written into the last one with Enter. Values are text of
 * strangers: only ever rendered as text. `onPick`: what a press or Enter does instead.
 */
export function DataTree(props: { label: string; root: string; value: unknown; onPick?: (path: string) => void }) {
  const { label, root, value, onPick } = props;
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(root);
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => listRows(root, value, toggled), [root, value, toggled]);
  const tabbable = rows.some(({ path }) => path === active) ? active : root;
  const toggle = (path: string) => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
  };
  const use = (path: string) => {
    if (onPick) return onPick(path);
    if (!insertPath(path)) notify("Put the cursor into an expression first");
  };
  const focus = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]!;
    setActive(row.path);
    list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(row.path)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, row: Row, index: number) => {
    const keys: Record<string, () => void> = {
      ArrowDown: () => focus(index + 1),
      ArrowUp: () => focus(index - 1),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      ArrowRight: () => (row.open === false ? toggle(row.path) : focus(index + 1)),
      ArrowLeft: () =>
        row.open ? toggle(row.path) : focus(rows.findLastIndex((each, at) => at < index && each.depth < row.depth)),
      Enter: () => use(row.path),
      " ": () => row.open !== null && toggle(row.path),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <div ref={list} role="tree" aria-label={label} className="font-mono text-12 leading-5">
      {rows.map((row, index) => (
        <div
          key={row.path}
          role="treeitem"
          aria-level={row.depth + 1}
          aria-selected={row.path === active}
          {...(row.open === null ? {} : { "aria-expanded": row.open })}
          tabIndex={row.path === tabbable ? 0 : -1}
          data-path={row.path}
          draggable
          title={`${row.path}: drag it into an expression, or press Enter`}
          className="group flex cursor-grab items-baseline gap-1 rounded-sm pr-1 hover:bg-hover"
          style={{ paddingLeft: row.depth * 14 }}
          onFocus={() => setActive(row.path)}
          onKeyDown={(event) => onKeyDown(event, row, index)}
          onDoubleClick={() => use(row.path)}
          onClick={() => (onPick ? onPick(row.path) : row.open !== null && toggle(row.path))}
          onDragStart={(event) => {
            event.dataTransfer.setData(pathType, row.path);
            event.dataTransfer.setData("text/plain", row.path);
            event.dataTransfer.effectAllowed = "copy";
          }}
        >
          <ChevronRight
            aria-hidden
            className={`size-3 shrink-0 self-center text-faint transition-transform ${row.open ? "rotate-90" : ""} ${row.open === null ? "invisible" : ""}`}
            onClick={(event) => {
              if (!onPick) return;
              event.stopPropagation();
              if (row.open !== null) toggle(row.path);
            }}
          />
          <span className="shrink-0 text-route">{row.name}</span>
          <Value row={row} />
          <button
            type="button"
            tabIndex={-1}
            aria-label={`Copy the path ${row.path}`}
            className="ml-auto shrink-0 self-center text-faint opacity-0 hover:text-text group-hover:opacity-100"
            onClick={(event) => {
              event.stopPropagation();
              void navigator.clipboard.writeText(row.path);
            }}
          >
            <Copy className="size-3" aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}

function Value({ row: { value, open, more } }: { row: Row }) {
  if (Array.isArray(value))
    return (
      <span className="truncate text-muted">{`list of ${value.length}${more ? `, the first ${shownAtFirst}` : ""}`}</span>
    );
  if (typeof value === "object" && value !== null)
    return <span className="truncate text-muted">{open ? "" : `{${Object.keys(value).join(", ")}}`}</span>;
  if (typeof value === "string") {
    const cut = value.length > longText;
    return (
      <span className="min-w-0 truncate text-ok">
        {JSON.stringify(cut ? value.slice(0, longText) : value)}
        {cut ? <span className="text-muted"> … {value.length.toLocaleString("en")} characters</span> : null}
      </span>
    );
  }
  if (typeof value === "number") return <span className="truncate text-source">{String(value)}</span>;
  return <span className="text-call">{String(value)}</span>;
}

/** The rows that are open: the first two levels, and what was toggled. */
function listRows(root: string, value: unknown, toggled: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  const add = (path: string, name: string, at: unknown, depth: number) => {
    const entries = entriesOf(at);
    const open = entries === null || entries.length === 0 ? null : depth < 2 !== toggled.has(path);
    const more = entries === null ? 0 : entries.length - shownAtFirst;
    rows.push({ path, name, value: at, depth, open, ...(more > 0 ? { more } : {}) });
    if (!open) return;
    for (const [key, item] of entries!.slice(0, shownAtFirst)) {
      add(pathTo(path, key, Array.isArray(at)), Array.isArray(at) ? `[${key}]` : key, item, depth + 1);
    }
  };
  add(root, root, value, 0);
  return rows;
}

function entriesOf(value: unknown): [string, unknown][] | null {
  return typeof value === "object" && value !== null ? Object.entries(value) : null;
}

/** `body.address`, `body.lines[0]`, `headers['content-type']`. */
export function pathTo(path: string, key: string, inList: boolean): string {
  if (inList) return `${path}[${key}]`;
  if (/^[A-Za-z_]\w*$/.test(key)) return `${path}.${key}`;
  return `${path}['${key.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}']`;
}
