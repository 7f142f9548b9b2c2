import { readFile } from "node:fs/promises";
import { sleep } from "../../backoff";

/** Resident memory of a process, in MiB; 0 when it is gone. */
export async function readMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}

/** The value below which this share of them is; 0 without values. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

export const inSeconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;
export const inMiB = (mebibytes: number) => `${Math.round(mebibytes)} MiB`;

/** Does something once a second, for as long as it takes; never at the same time twice. */
export async function everySecond(forMs: number, work: (second: number) => Promise<void>): Promise<void> {
  const begun = Date.now();
  for (let second = 1; Date.now() - begun < forMs; second++) {
    await work(second);
    await sleep(begun + second * 1_000 - Date.now());
  }
}
