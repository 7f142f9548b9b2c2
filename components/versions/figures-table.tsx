import clsx from "clsx";
import type { FigurePair, Mark } from "./figures";

/** Under a node: a row for each version, a column for each figure; what differs is marked in the later one. */
export function NodeFiguresTable({
  pairs,
  from,
  to,
  only,
}: {
  pairs: readonly FigurePair[];
  from: number;
  to: number;
  /** The only version that has the node. */
  only: number | null;
}) {
  // At the node what is looked at first; all of it is in the list.
  const shown = pairs.filter(({ label }) => label !== "p50");
  return (
    <table className="rounded-sm border border-line bg-surface font-mono text-12 text-muted">
      <thead className="sr-only">
        <tr>
          <th>Version</th>
          {shown.map(({ label }) => (
            <th key={label}>{label}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {only === to ? null : (
          <tr>
            <td className="px-1.5 text-text">v{from}</td>
            {shown.map(({ label, earlier }) => (
              <td key={label} className="px-1.5" title={label}>
                {earlier ?? "–"}
              </td>
            ))}
          </tr>
        )}
        {only === from ? null : (
          <tr>
            <td className="px-1.5 text-text">v{to}</td>
            {shown.map(({ label, later, mark }) => (
              <td key={label} className="whitespace-nowrap px-1.5" title={label}>
                {later ?? "–"}
                {mark ? <Sign mark={mark} /> : null}
              </td>
            ))}
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** `▲`, with by how much for who cannot see it; `words` shows that, too. */
export function Sign({ mark, words = false }: { mark: Mark; words?: boolean }) {
  return (
    <span
      title={mark.words}
      className={clsx("ml-1", mark.tone === "bad" ? "text-bad" : mark.tone === "ok" ? "text-ok" : "text-muted")}
    >
      <span aria-hidden>{mark.sign}</span>
      <span className={words ? "ml-0.5" : "sr-only"}>{mark.words}</span>
    </span>
  );
}
