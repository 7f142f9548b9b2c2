"use client";

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { rowAfter, rowPx, topToReveal } from "./list-rows";

/** Where one is in a list: the marked row, how far it is scrolled, whether it is followed. */
interface Place {
  readonly id: string | null;
  readonly top: number;
  readonly follow: boolean;
  /** Address of the list: while a page is drawn, the history may still be at the one before. */
  readonly at: string;
}

/** In the browser's history beside what the router keeps there: going back leads to the list as it was left. */
const historyField = "millraceListPlace";

/** Where the list was left by opening a row, when it is come back to. */
export function readPlace(at: string): Place | null {
  if (typeof window === "undefined") return null;
  const place = (window.history.state as Record<string, Place> | null)?.[historyField];
  return place?.at === at ? place : null;
}

/** So far is scrolled before the rows in sight are counted anew. */
const stepPx = 10 * rowPx;

/**
 * The keyboard's place in a list of rows, and where one is in it: `reading` while a row is marked or the list is scrolled down, when nothing
 * may move. Rows bear `data-row` with their id, and a link.
 */
export function useListPlace(
  ids: readonly string[],
  scroller: RefObject<HTMLElement | null>,
  {
    at,
    address,
    follow,
    onTop,
    onEnd,
  }: {
    /** Of the page. */
    at: string;
    /** Of what is listed. */
    address: string;
    follow: boolean;
    onTop(): void;
    onEnd(): void;
  },
) {
  const [left] = useState(() => readPlace(at));
  const [marked, setMarked] = useState<string | null>(left?.id ?? null);
  const [top, setTop] = useState(left?.top ?? 0);
  const [scrolled, setScrolled] = useState((left?.top ?? 0) > 0);
  const [height, setHeight] = useState(0);
  const focuses = useRef(left?.id !== null && left?.id !== undefined);
  const restores = useRef(left?.top);
  const index = marked === null ? -1 : ids.indexOf(marked);

  const keep = useCallback(
    (id: string | null) => {
      const place: Place = { id, top: scroller.current?.scrollTop ?? 0, follow, at };
      window.history.replaceState({ ...window.history.state, [historyField]: place }, "");
    },
    [scroller, follow, at],
  );
  const scrollTo = useCallback(
    (to: number) => {
      if (scroller.current) scroller.current.scrollTop = to;
      setTop(to);
      setScrolled(to > 0);
    },
    [scroller],
  );
  const leave = useCallback(() => {
    setMarked(null);
    scrollTo(0);
  }, [scrollTo]);

  // Another filter is another list.
  const shownAddress = useRef(address);
  useEffect(() => {
    if (shownAddress.current === address) return;
    shownAddress.current = address;
    leave();
  }, [address, leave]);

  useLayoutEffect(() => {
    if (restores.current === undefined || ids.length === 0 || !scroller.current) return;
    scroller.current.scrollTop = restores.current;
    restores.current = undefined;
    // A list that has become shorter is not scrolled so far.
    setScrolled(scroller.current.scrollTop > 0);
  }, [ids, scroller]);

  // The row that is gone to may first have to be drawn.
  useLayoutEffect(() => {
    if (!focuses.current || index < 0) return;
    const link = scroller.current?.querySelector<HTMLElement>(`[data-row="${marked}"] a`);
    link?.focus({ preventScroll: true });
    if (link) focuses.current = false;
  });

  useEffect(() => {
    const list = scroller.current;
    if (!list) return;
    const observer = new ResizeObserver(() => setHeight(list.clientHeight));
    observer.observe(list);
    return () => observer.disconnect();
  }, [scroller]);

  function go(next: number) {
    const id = ids[next];
    const list = scroller.current;
    if (id === undefined || !list) return;
    focuses.current = true;
    setMarked(id);
    scrollTo(topToReveal(next, { top: list.scrollTop, height: list.clientHeight }));
  }

  /** Moves among the rows; tells whether the key was one of the list's. */
  function walk(key: string): boolean {
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 2);
    const next = rowAfter(key, index, ids.length, pageRows);
    if (next === undefined || ids.length === 0) return false;
    if (next < 0) {
      leave();
      onTop();
      return true;
    }
    if (next === ids.length - 1) onEnd();
    go(next);
    return true;
  }

  return {
    marked: index < 0 ? null : marked,
    index,
    seen: { top, height: height || 800 },
    reading: index >= 0 || scrolled,
    mark: setMarked,
    leave,
    walk,
    /** Before a row is opened: going back leads here. */
    open: useCallback(
      (id: string) => {
        setMarked(id);
        keep(id);
      },
      [keep],
    ),
    onScroll() {
      const at = scroller.current?.scrollTop ?? 0;
      setScrolled(at > 0);
      setTop((before) => (Math.abs(at - before) >= stepPx || at === 0 ? at : before));
    },
  };
}
