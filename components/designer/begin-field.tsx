"use client";

import { configureNode } from "@/flow/configure";
import type { FlowNode } from "@/flow/document";
import type { Problem } from "@/flow/problems";
import type { Begin } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { inputClass } from "../ui/input";

export interface BeginChoice {
  from: "continue" | "earliest" | "latest" | "time";
  /** As the browser's date and time field has it. */
  at: string;
}

/** Can the source read again what it has read before? Only then there is a choice where to begin. */
export function hasPast(node: FlowNode): boolean {
  const { kind, config } = configureNode(node);
  if (kind?.role !== "source" || config === undefined) return false;
  return kind.semantics(config).source?.past === true;
}

/** `null` while a time is chosen and none is given. */
export function beginOf(choice: BeginChoice): Begin | null {
  if (choice.from !== "time") return { from: choice.from };
  const at = new Date(choice.at).getTime();
  return Number.isFinite(at) ? { from: "time", at } : null;
}

/** Where the sources begin. */
export function BeginField({
  choice,
  onChange,
  ranBefore,
  gone,
  kept,
}: {
  choice: BeginChoice;
  onChange(choice: BeginChoice): void;
  ranBefore: boolean;
  /** It halted, as what was to be read next is gone. */
  gone: boolean;
  /** Sources that do not begin as chosen (`checkBegin`). */
  kept: readonly Problem[];
}) {
  const options: { from: BeginChoice["from"]; label: string; hint: string }[] = [
    ranBefore
      ? {
          from: "continue",
          label: "Go on",
          hint: gone
            ? "It halted there, as what was to come next is gone: it halts again, unless the source itself may pass over that."
            : "It goes on where the version before stands: nothing is left out.",
        }
      : {
          from: "continue",
          label: "As the sources say",
          hint: "Each begins where its own setting “Begin at” tells it.",
        },
    { from: "earliest", label: "From the beginning", hint: "Everything that is still kept." },
    { from: "latest", label: "From now", hint: "What is already there is left out." },
    { from: "time", label: "From a time", hint: "With the first message of that time or later." },
  ];
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">Where to begin</legend>
      <div className="flex flex-col">
        {options.map(({ from, label, hint }) => (
          <label key={from} className="flex cursor-pointer items-start gap-2 rounded-md px-1 py-1 hover:bg-hover">
            <input
              type="radio"
              name="begin"
              className="mt-1 accent-(--accent)"
              checked={choice.from === from}
              onChange={() => onChange({ ...choice, from })}
            />
            <span className="min-w-0 flex-1">
              {label}
              <span className="block text-12 text-muted">{hint}</span>
              {from === "time" && choice.from === "time" ? (
                <input
                  type="datetime-local"
                  step={1}
                  aria-label="Time to begin at"
                  className={`${inputClass} mt-1 !w-56`}
                  value={choice.at}
                  onChange={(event) => onChange({ ...choice, at: event.target.value })}
                />
              ) : null}
            </span>
          </label>
        ))}
      </div>
      {kept.map(({ node, message, severity }) => (
        <p key={node} className={`mt-1 text-12 ${severity === "error" ? "text-bad" : "text-warn"}`}>
          <InlineCode text={message} />
        </p>
      ))}
      {ranBefore &&
      choice.from !== "continue" &&
      (choice.from === "latest" || !gone) &&
      !kept.some(({ severity }) => severity === "error") ? (
        <p className="mt-1 text-12 text-warn">
          {choice.from === "latest"
            ? "What waits now is not processed by this flow."
            : "Messages that were processed before are processed again; sinks get them twice unless they can tell."}
        </p>
      ) : null}
    </fieldset>
  );
}
