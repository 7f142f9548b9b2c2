/** Height of a row, and of the head that stays, in pixels. */
export const rowPx = 32;

/** So many rows are drawn as they are; of longer lists only those in sight. */
const drawnWhole = 300;
/** Rows drawn above and below those in sight, so that one who scrolls sees rows. */
const besideRows = 30;

/** Rows `from` up to, not including, `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Which rows of a list are drawn: those in sight with some beside them, and the one that is marked, which keeps the keyboard's focus. */
export function spansToDraw(count: number, seen: { top: number; height: number }, marked: number): readonly Span[] {
  if (count <= drawnWhole) return count > 0 ? [{ from: 0, to: count }] : [];
  const first = Math.floor(seen.top / rowPx);
  const from = Math.max(0, Math.min(first - besideRows, count - besideRows));
  const to = Math.min(count, Math.ceil((seen.top + seen.height) / rowPx) + besideRows);
  const span = { from, to: Math.max(to, Math.min(count, from + besideRows)) };
  if (marked < 0 || marked >= count || (marked >= span.from && marked < span.to)) return [span];
  const alone = { from: marked, to: marked + 1 };
  return marked < span.from ? [alone, span] : [span, alone];
}

/** Where a key leads in a list; -1: above its first row, out of it. `undefined`: the key is none of the list's. */
export function rowAfter(key: string, marked: number, count: number, pageRows: number): number | undefined {
  const within = (index: number) => Math.max(0, Math.min(count - 1, index));
  switch (key) {
    case "ArrowDown":
      return within(marked + 1);
    case "ArrowUp":
      return marked < 0 ? count - 1 : marked - 1;
    case "PageDown":
      return within(marked + pageRows);
    case "PageUp":
      return within(marked - pageRows);
    case "Home":
      return within(0);
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

/** How far a list is to be scrolled so that a row is in sight below its head; `top` when it is already. */
export function topToReveal(index: number, seen: { top: number; height: number }): number {
  const above = index * rowPx;
  if (above < seen.top) return above;
  const below = above + 2 * rowPx - seen.height;
  return Math.max(seen.top, below);
}
