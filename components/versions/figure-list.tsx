import clsx from "clsx";
import { Sign } from "./figures-table";
import type { NodeFigures } from "./lay-figures";

const tones = { bad: "text-bad", ok: "text-ok", idle: "text-muted" };

/** The same as a list: each node with all its figures; one is chosen to be seen on the drawing. */
export function FigureList({
  nodes,
  from,
  to,
  selected,
  onSelect,
}: {
  nodes: readonly NodeFigures[];
  from: number;
  to: number;
  selected: string | null;
  onSelect(node: string): void;
}) {
  return (
    <section aria-label="Figures by node" className="thin-scroll w-[360px] shrink-0 overflow-auto border-l bg-surface">
      <div className="border-b px-4 py-2.5">
        <h2 className="font-semibold">
          v{from} and v{to}, by node
        </h2>
        <p className="text-12 text-muted">
          Rates are over the minutes in which each worked; p50 and p95 are at most so much in any of them.
        </p>
      </div>
      <ul>
        {nodes.map(({ node, title, pairs, told, only }) => (
          <li key={node.id} className="border-b">
            <button
              type="button"
              aria-current={node.id === selected ? "true" : undefined}
              onClick={() => onSelect(node.id)}
              className={clsx(
                "block w-full px-4 py-2 text-left",
                node.id === selected ? "bg-accent-soft" : "hover:bg-hover",
              )}
            >
              <span className="flex items-baseline justify-between gap-2">
                <span className="min-w-0 truncate font-medium">{title}</span>
                <span className={clsx("shrink-0 text-12", tones[told.tone])}>{told.word}</span>
              </span>
              <span className="mt-1 grid grid-cols-4 gap-x-2 font-mono text-12 text-muted">
                {pairs.map(({ label, earlier, later, mark }) => (
                  <span key={label} className="min-w-0">
                    <span className="block font-sans text-faint">{label}</span>
                    {only === to ? null : <span className="block">{earlier ?? "–"}</span>}
                    {only === from ? null : <span className="block text-text">{later ?? "–"}</span>}
                    {mark ? (
                      <span className="-ml-1 block">
                        <Sign mark={mark} words />
                      </span>
                    ) : null}
                  </span>
                ))}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
