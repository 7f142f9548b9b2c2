"use client";

import type { ReactNode } from "react";
import { inputClass } from "../ui/input";
import type { RecordingProps } from "./flow-recording";
import { refuseKept } from "./recording-checks";
import type { RecordingSettings } from "./recording-settings";

/** Which runs are kept beside the failed ones, and what that was measured to cost (docs/performance.md). */
export function KeptRuns({ settings, onChange }: RecordingProps) {
  const refused = refuseKept(settings);
  const option = (keep: RecordingSettings["keep"], label: string, hint: string, number?: ReactNode) => (
    <div className="rounded-md px-1 py-1 hover:bg-hover">
      <label className="flex cursor-pointer items-start gap-2">
        <input
          type="radio"
          name="keep"
          className="mt-1 accent-(--accent)"
          checked={settings.keep === keep}
          onChange={() => onChange({ keep })}
        />
        <span className="min-w-0 flex-1">
          {label}
          <span className="block text-12 text-muted">{hint}</span>
        </span>
      </label>
      {number && settings.keep === keep ? (
        <div className="mt-1 pl-6">
          <span className="flex items-center gap-2">{number}</span>
          {refused ? (
            <p id="kept-runs-error" className="mt-1 text-12 text-bad">
              {refused}
            </p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
  const number = (label: string, field: "perSecond" | "percent", unit: string) => (
    <>
      <input
        inputMode="decimal"
        aria-label={label}
        aria-invalid={refused ? true : undefined}
        aria-describedby={refused ? "kept-runs-error" : undefined}
        autoComplete="off"
        className={`${inputClass} h-[30px] !w-24`}
        value={settings[field]}
        onChange={(event) => onChange({ [field]: event.target.value })}
      />
      <span className="text-muted">{unit}</span>
    </>
  );
  return (
    <fieldset>
      <legend className="font-medium">Runs that are kept</legend>
      <p className="mb-1 text-12 text-muted">
        Failed ones always are. What the others cost was measured where the flow does nothing else, so that recording
        weighs most.
      </p>
      {option("failed", "Failed runs only", "The least to store. It costs nothing while nothing fails.")}
      {option(
        "rate",
        "Some each second",
        "However much passes, about as many are there to look at. Ten a second cost nothing that could be measured.",
        number("Runs each second", "perSecond", "each second and worker"),
      )}
      {option(
        "share",
        "A share",
        "Of all messages, chosen at random. One in a hundred took about a third of the throughput.",
        number("Share in percent", "percent", "% of the messages"),
      )}
      {option(
        "all",
        "All",
        "Every run can be looked up. About a fifth of the throughput is left, some 90,000 messages a second, and much room is taken.",
      )}
    </fieldset>
  );
}
