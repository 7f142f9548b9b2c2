/** What a report tells: the counts, and by name what failed or passed only at the second attempt. */
export interface Told {
  passed: number;
  failed: number;
  skipped: number;
  failures: { file: string; name: string; reason: string }[];
  unsteady: string[];
}

/** The report of Vitest. A file that cannot be loaded is one failure, as is a run that ended without one (`ok` false). */
export function readVitest(path: string, ok: boolean): Told;

/** The report of Playwright. */
export function readPlaywright(path: string, ok: boolean): Told;
