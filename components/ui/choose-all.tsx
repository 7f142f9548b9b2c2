"use client";

import { Checkbox } from "./switch";

/** The box over a list's boxes: all of them, some, or none. */
export function ChooseAll({
  label,
  ids,
  chosen,
  onChoose,
}: {
  label: string;
  /** Those that can be chosen. */
  ids: readonly string[];
  chosen: ReadonlySet<string>;
  onChoose(chosen: ReadonlySet<string>): void;
}) {
  const some = ids.some((id) => chosen.has(id));
  const all = some && ids.every((id) => chosen.has(id));
  return (
    <Checkbox
      label={label}
      checked={all ? true : some ? "indeterminate" : false}
      onCheckedChange={(on) => onChoose(on ? new Set(ids) : new Set())}
    />
  );
}

/** The choice with one more, or one fewer. */
export function toggleChosen(chosen: ReadonlySet<string>, id: string, on: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (on) next.add(id);
  else next.delete(id);
  return next;
}
