"use client";

import { ChevronDown, ChevronUp } from "lucide-react";
import { useEffect, useEffectEvent } from "react";
import { type FlowDiff, summarizeDiff } from "@/flow/diff";
import type { Difference } from "@/flow/differences";
import { type PageCommand, useCommands } from "../shell/commands";
import { IconButton } from "../ui/button";
import { Kbd } from "../ui/kbd";
import { Checkbox } from "../ui/switch";
import { DifferenceList } from "./difference-list";

/** Beside the drawing: the differences, walked through with `n` and `p`. */
export function DifferencePanel({
  heading,
  diff,
  differences,
  hidden,
  movedCount,
  moved,
  onMoved,
  current,
  onGo,
}: {
  heading: string;
  diff: FlowDiff;
  differences: readonly Difference[];
  hidden: number;
  movedCount: number;
  moved: boolean;
  onMoved(moved: boolean): void;
  current: Difference | null;
  onGo(difference: Difference | null): void;
}) {
  const at = differences.findIndex(({ key }) => key === current?.key);
  const count = differences.length;
  const step = (by: 1 | -1) => {
    if (count > 0) onGo(differences[at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count]!);
  };
  const listen = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key !== "n" && event.key !== "p") return;
    event.preventDefault();
    step(event.key === "n" ? 1 : -1);
  });
  const offer = useCommands((state) => state.offer);
  const press = useEffectEvent(step);
  useEffect(() => {
    const commands: PageCommand[] = [
      { id: "next-difference", label: "Next difference", shortcut: "N", run: () => press(1) },
      { id: "previous-difference", label: "Previous difference", shortcut: "P", run: () => press(-1) },
    ];
    return offer(() => commands);
  }, [offer]);
  useEffect(() => {
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return (
    <section aria-label="Differences" className="flex w-[360px] shrink-0 flex-col border-l bg-surface">
      <div className="flex items-start gap-2 border-b px-4 py-2.5">
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{heading}</h2>
          <p className="text-12 text-muted" aria-live="polite">
            {at >= 0 ? `${at + 1} of ${count}: ` : ""}
            {at >= 0 ? `${current?.title}, ${current?.change}` : summarizeDiff(diff)}
          </p>
        </div>
        <IconButton label="Previous difference" shortcut="P" disabled={count === 0} onClick={() => step(-1)}>
          <ChevronUp />
        </IconButton>
        <IconButton label="Next difference" shortcut="N" disabled={count === 0} onClick={() => step(1)}>
          <ChevronDown />
        </IconButton>
      </div>
      <section
        aria-label="One by one"
        className="thin-scroll min-h-0 flex-1 overflow-auto p-2"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is reached by keys, too
        tabIndex={0}
      >
        {count === 0 ? (
          <p className="px-2 py-4 text-muted">
            {hidden > 0 ? "Only places on the drawing differ." : "Nothing differs: both are drawn and run the same."}
          </p>
        ) : (
          <DifferenceList differences={differences} current={current?.key ?? null} onGo={onGo} />
        )}
      </section>
      <div className="flex items-center gap-2 border-t px-4 py-2 text-12 text-muted">
        {movedCount > 0 ? (
          // biome-ignore lint/a11y/noLabelWithoutControl: Radix's checkbox is the control
          <label className="flex flex-1 items-center gap-2">
            <Checkbox checked={moved} onCheckedChange={onMoved} label="Show what only moved" />
            Show what only moved ({movedCount})
          </label>
        ) : (
          <span className="flex-1" />
        )}
        <span className="flex items-center gap-1">
          <Kbd>N</Kbd> next <Kbd>P</Kbd> previous
        </span>
      </div>
    </section>
  );
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=listbox]") !== null);
