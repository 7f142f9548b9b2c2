import type { Problem } from "./problems";

/** A worker's label, as a flow's `settings.workers` names it; null: none. */
export type WorkerLabel = string | null;

/**
 * Says why nobody runs a flow: no living worker has the label that it asks for.
 * @param asked the flow's label
 * @param living the labels of the living workers, one for each
 * @returns the problem as a warning (the flow can be deployed, and waits), or null when a worker is there
 */
export function explainNoWorker(asked: WorkerLabel, living: readonly WorkerLabel[]): Problem | null {
  if (living.includes(asked)) return null;
  const labels = [...new Set(living)].filter((label) => label !== null).sort();
  if (asked === null && labels.length === 0) {
    const message = "No worker is running. Start one with `npm run worker`; it takes the flow over by itself.";
    return { code: "worker-missing", severity: "warning", message };
  }
  const others = labels.map((label) => `\`${label}\``).join(", ");
  const message =
    asked === null
      ? `Every running worker has a label (${others}), and this flow asks for none. Start one with \`npm run worker\`, or choose a label in the flow's settings.`
      : `No running worker has the label \`${asked}\`, which this flow asks for. Start one with \`npm run worker -- --label ${asked}\`, or choose another label in the flow's settings.`;
  return { code: "worker-label-missing", severity: "warning", message, fix: { do: "open-flow-settings" } };
}
