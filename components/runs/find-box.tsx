"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useState } from "react";
import { describeRunSearch, readRunSearch } from "@/flow/run-search";
import { useTRPC } from "../trpc/context";
import { formatPlural } from "../ui/formats";
import { SearchInput } from "../ui/input";

/** As long as nothing is typed, nothing is asked. */
const pauseMs = 300;

/** One box for whatever a person knows of a message: its key, an order number, a trace, a place on a broker, words of an error. */
export function FindBox({ text, onFind }: { text: string; onFind(text: string): void }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed.trim() === text) return;
    const timer = setTimeout(() => onFind(typed.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [typed, text, onFind]);
  return (
    <SearchInput
      label="Find a message"
      placeholder="Key, order number, trace, orders[0]@4711, words of an error"
      className="w-[420px] max-w-full"
      value={typed}
      spellCheck={false}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => {
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

/** How the text was understood, and what else bears it as its key: a message may rest there. */
export function FoundElsewhere({ text }: { text: string }) {
  const trpc = useTRPC();
  const elsewhere = useQuery(trpc.runs.elsewhere.queryOptions({ text }, { staleTime: 5_000 }));
  const search = readRunSearch(text);
  const words = describeRunSearch(search);
  const key = search.is === "value" ? search.value : text;
  const { sagas = 0, deadLetters = 0, deadLetter = null, parked = 0 } = elsewhere.data ?? {};
  const links = [
    { count: sagas, one: "saga", href: `/sagas?key=${encodeURIComponent(key)}` },
    { count: deadLetters, one: "dead letter", href: `/dead-letters?id=${deadLetter}` },
    {
      count: parked,
      one: "message that waits for a later try",
      many: "messages that wait for a later try",
      href: "/dead-letters/parked",
    },
  ].filter(({ count }) => count > 0);
  if (!words && links.length === 0) return null;
  return (
    <p
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-x-3 border-b bg-sunken px-4 py-1.5 text-12 text-muted"
    >
      {words ? <span>{words}.</span> : null}
      {links.map(({ count, one, many, href }) => (
        <Link key={href} href={href} className="text-accent hover:underline">
          {formatPlural(count, one, many)} with this key
        </Link>
      ))}
    </p>
  );
}
