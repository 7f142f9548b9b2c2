import clsx from "clsx";

/**
 * Counts over time as small bars, the oldest on the left; what they say stands in `label`.
 *
 * @param bad How many of each were bad: their part of the bar stands at its foot in the colour of errors.
 */
export function Sparkline({
  counts,
  bad,
  label,
  height = 14,
  step = 3,
  className,
}: {
  counts: readonly number[];
  bad?: readonly number[];
  label: string;
  /** In pixels, as the width of a bar with its gap. */
  height?: number;
  step?: number;
  className?: string;
}) {
  const most = Math.max(1, ...counts, ...(bad ?? []));
  // One of thousands is still seen.
  const tallOf = (count: number) => (count === 0 ? 0 : Math.max(2, Math.round((count / most) * height)));
  return (
    <svg
      role="img"
      aria-label={label}
      width={counts.length * step}
      height={height}
      className={clsx("shrink-0 fill-current", className)}
    >
      <title>{label}</title>
      {counts.map((count, index) => {
        const [x, width] = [index * step, step - 1];
        const tall = Math.max(1, tallOf(count));
        const foot = tallOf(bad?.[index] ?? 0);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a place on the axis of time
          <g key={index}>
            <rect x={x} y={height - tall} width={width} height={tall} opacity={count === 0 ? 0.25 : 1} />
            {foot > 0 ? <rect x={x} y={height - foot} width={width} height={foot} className="fill-bad" /> : null}
          </g>
        );
      })}
    </svg>
  );
}
