"use client";

import { type RefObject, useEffect, useState } from "react";
import { SearchInput } from "../ui/input";

/** As long as nothing is typed, nothing is asked. */
const pauseMs = 300;

/** One box for whatever a person knows of a message: its key, an order number, a trace, a place on a broker, words of an error. */
export function FindBox({
  text,
  onFind,
  onWalk,
  ref,
}: {
  text: string;
  onFind(text: string): void;
  /** Goes to a row of the list by ↑ or ↓; tells whether there is one. */
  onWalk(key: string): boolean;
  ref: RefObject<HTMLInputElement | null>;
}) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed.trim() === text) return;
    const timer = setTimeout(() => onFind(typed.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [typed, text, onFind]);
  return (
    <SearchInput
      ref={ref}
      label="Find a message"
      placeholder="Key, order number, trace, orders[0]@4711, an error"
      className="w-[420px] max-w-full"
      value={typed}
      spellCheck={false}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => {
        if ((event.key === "ArrowDown" || event.key === "ArrowUp") && onWalk(event.key)) event.preventDefault();
        if (event.key === "Enter") onFind(typed.trim());
        if (event.key === "Escape" && typed) {
          event.stopPropagation();
          setTyped("");
          onFind("");
        }
      }}
    />
  );
}
