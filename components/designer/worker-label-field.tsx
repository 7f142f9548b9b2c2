"use client";

import { useMemo } from "react";
import { useLive } from "../trpc/use-live";
import { Field } from "../ui/field";
import { formatPlural } from "../ui/formats";
import { Input } from "../ui/input";

/** Which workers run the flow, by their label: one that a living worker has, by a press, or any other. */
export function WorkerLabelField({
  value,
  refused,
  onChange,
}: {
  value: string;
  refused: string | null;
  onChange(label: string): void;
}) {
  const workers = useLive((live) => live.workers);
  const labels = useMemo(() => countLabels((workers ?? []).filter((worker) => worker.alive)), [workers]);
  const wanted = value.trim();
  const has = labels.some(({ label }) => label === wanted);
  return (
    <div>
      <Field
        label="Workers"
        aside="optional"
        error={refused}
        hint={
          workers && !has
            ? "No running worker is among them: the flow waits until one is."
            : "Label of the workers that run the flow. It moves with the next deploy; nothing is lost."
        }
      >
        {(control) => (
          <Input
            {...control}
            className="font-mono"
            value={value}
            maxLength={60}
            placeholder="Those without a label"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      {labels.length > 0 ? (
        <ul className="mt-1.5 flex flex-wrap gap-1.5" aria-label="Labels of running workers">
          {labels.map(({ label, count }) => (
            <li key={label}>
              <button
                type="button"
                aria-pressed={label === wanted}
                className="rounded-sm border border-line px-1.5 text-12 text-muted hover:bg-hover aria-pressed:border-accent aria-pressed:text-accent"
                onClick={() => onChange(label)}
              >
                {label === "" ? "no label" : <span className="font-mono">{label}</span>} ·{" "}
                {formatPlural(count, "worker")}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** Labels with how many workers have them; the empty one stands for none. */
function countLabels(workers: readonly { label: string | null }[]): { label: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { label } of workers) counts.set(label ?? "", (counts.get(label ?? "") ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count })).sort((a, b) => (a.label < b.label ? -1 : 1));
}
