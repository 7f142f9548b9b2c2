"use client";

import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Rows drawn above and below those in sight. */
const beyond = 8;
/** Until it is known how much is in sight. */
const atFirst = 40;

/**
 * Many rows of one height, of which only those in sight are drawn, and the chosen one, which is brought into sight. It scrolls with the
 * nearest parent that scrolls.
 */
export function WindowRows({
  count,
  rowHeight,
  chosen,
  label,
  children,
}: {
  count: number;
  rowHeight: number;
  /** Index; -1: none. */
  chosen: number;
  label: string;
  children(index: number): ReactNode;
}) {
  const list = useRef<HTMLUListElement>(null);
  const [sight, setSight] = useState({ first: 0, last: atFirst });
  const look = useCallback(() => {
    const place = placeOf(list.current);
    if (!place) return;
    const first = Math.max(0, Math.floor(place.above / rowHeight) - beyond);
    const last = Math.ceil((place.above + place.scroller.clientHeight) / rowHeight) + beyond;
    setSight((before) => (before.first === first && before.last === last ? before : { first, last }));
  }, [rowHeight]);
  useEffect(() => {
    const scroller = placeOf(list.current)?.scroller;
    if (!scroller) return;
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    scroller.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", look);
    };
  }, [look]);
  useLayoutEffect(() => {
    const place = placeOf(list.current);
    if (!place || chosen < 0 || chosen >= count) return look();
    const { scroller, above } = place;
    const [top, bottom] = [chosen * rowHeight - above, (chosen + 1) * rowHeight - above];
    // With a row to spare, so that one sees that it goes on; the first with all that stands before it.
    if (chosen === 0 && bottom + scroller.scrollTop <= scroller.clientHeight) scroller.scrollTop = 0;
    else if (top < rowHeight) scroller.scrollTop += top - rowHeight;
    else if (bottom > scroller.clientHeight - rowHeight)
      scroller.scrollTop += bottom - scroller.clientHeight + rowHeight;
    look();
  }, [chosen, count, rowHeight, look]);
  const drawn = [];
  for (let index = sight.first; index < Math.min(sight.last, count); index++) drawn.push(index);
  // Out of sight it keeps the focus of the keyboard.
  if (chosen >= 0 && chosen < count && !drawn.includes(chosen)) {
    if (chosen < sight.first) drawn.unshift(chosen);
    else drawn.push(chosen);
  }
  return (
    <ul ref={list} aria-label={label} className="relative" style={{ height: count * rowHeight }}>
      {drawn.map((index) => (
        <li
          key={index}
          aria-setsize={count}
          aria-posinset={index + 1}
          className="absolute inset-x-0"
          style={{ top: index * rowHeight, height: rowHeight }}
        >
          {children(index)}
        </li>
      ))}
    </ul>
  );
}

/** What it scrolls with, and how much of the list lies above what is in sight there; negative: it begins below the top. */
function placeOf(list: HTMLElement | null): { scroller: HTMLElement; above: number } | null {
  for (let at = list?.parentElement ?? null; at; at = at.parentElement) {
    if (!/auto|scroll/.test(getComputedStyle(at).overflowY)) continue;
    return { scroller: at, above: at.getBoundingClientRect().top + at.clientTop - list!.getBoundingClientRect().top };
  }
  return null;
}
