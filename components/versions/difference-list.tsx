"use client";

import clsx from "clsx";
import { useEffect, useRef, useState } from "react";
import type { Difference } from "@/flow/differences";
import { Button } from "../ui/button";
import { ChangeTag } from "./change-tag";
import { FieldDifference } from "./field-difference";

/** What differs, one after the other, field by field. `onGo` leads to the place on the drawing. */
export function DifferenceList({
  differences,
  current,
  onGo,
  className,
}: {
  differences: readonly Difference[];
  /** Key of the one that is looked at. */
  current?: string | null;
  onGo?: ((difference: Difference) => void) | undefined;
  className?: string;
}) {
  return (
    <ol className={clsx("flex flex-col", className)}>
      {differences.map((difference) => (
        <Entry key={difference.key} difference={difference} here={difference.key === current} onGo={onGo} />
      ))}
    </ol>
  );
}

const shownFields = 8;

function Entry({
  difference,
  here,
  onGo,
}: {
  difference: Difference;
  here: boolean;
  onGo?: ((difference: Difference) => void) | undefined;
}) {
  const { change, title, fields, of, nodes } = difference;
  const [all, setAll] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (here) row.current?.scrollIntoView({ block: "nearest" });
  }, [here]);
  const head = (
    <>
      <ChangeTag change={change} />
      <span className={clsx("min-w-0 break-words", of === "wire" ? "font-mono text-12" : "font-medium")}>{title}</span>
    </>
  );
  return (
    <li
      ref={row}
      aria-current={here ? "true" : undefined}
      className={clsx("rounded-md px-2 py-1.5", here && "bg-accent-soft")}
    >
      {onGo && nodes.length > 0 ? (
        <button
          type="button"
          className="flex w-full items-center gap-2 rounded-sm text-left hover:underline"
          onClick={() => onGo(difference)}
        >
          {head}
        </button>
      ) : (
        <p className="flex items-center gap-2">{head}</p>
      )}
      {fields.length > 0 ? (
        <div className="mt-1 flex flex-col gap-1.5 border-l border-line pl-2">
          {(all ? fields : fields.slice(0, shownFields)).map((field, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one path may stand twice, in a list of which an item was taken out
            <FieldDifference key={`${field.path} ${at}`} field={field} />
          ))}
          {fields.length > shownFields && !all ? (
            <Button size="sm" variant="ghost" className="self-start" onClick={() => setAll(true)}>
              Show {fields.length - shownFields} more
            </Button>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}
