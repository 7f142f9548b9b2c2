import { useEffect, useState } from "react";

const pauseMs = 150;

/** What was typed, once a person stops for a moment. */
export function useTyped(text: string): string {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setTyped(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return typed;
}
