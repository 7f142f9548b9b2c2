import type { FlowDocument } from "@/flow/document";
import type { TestCase } from "@/flow/test-case";
import type { CaseResult, CasesRun } from "@/flow/trial";
import type { DesignerStore } from "../designer/store";
import { messageOfError } from "../ui/error-words";
import { casesOf } from "./edit-cases";

const pauseMs = 400;

/** Runs cases of a document; `names` are those of them. */
export type RunCases = (request: { document: FlowDocument; names?: string[] }) => Promise<CasesRun>;

/**
 * Runs the cases when the page opens and after each save, a moment later: only where there are any, where something that they depend on
 * has changed, and while a worker lives. `runNow` runs all of them, or one, at once.
 */
export function startCaseRuns(
  store: DesignerStore,
  run: RunCases,
  isWorkerThere: () => boolean,
): { runNow(name?: string): Promise<void>; wake(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;
  let ranKey = "";
  const set = (change: Partial<ReturnType<typeof store.getState>["cases"]>) => {
    const { cases, set } = store.getState();
    set({ cases: { ...cases, ...change } });
  };
  async function runNow(name?: string): Promise<void> {
    clearTimeout(timer);
    const { document } = store.getState();
    const turn = ++latest;
    const key = keyOf(document);
    if (casesOf(document).length === 0) {
      ranKey = key;
      set({ running: false, run: null, of: null, error: null });
      return;
    }
    const { run: before } = store.getState().cases;
    // One alone stands among the others only if those were run on the same drawing.
    const alone = name !== undefined && before !== null && key === ranKey ? name : undefined;
    set({ running: true });
    try {
      const done = await run({ document, ...(alone === undefined ? {} : { names: [alone] }) });
      if (turn !== latest) return;
      ranKey = key;
      set({ running: false, run: alone === undefined ? done : mergeOne(before!, done), of: document, error: null });
    } catch (error) {
      if (turn === latest) set({ running: false, error: messageOfError(error) });
    }
  }
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (isWorkerThere() && keyOf(store.getState().document) !== ranKey) void runNow();
    }, pauseMs);
  };
  const unsubscribe = store.subscribe((state, before) => {
    if (state.savedDocument !== before.savedDocument) wait();
  });
  if (casesOf(store.getState().document).length > 0) wait();
  return {
    runNow,
    wake: wait,
    stop() {
      latest++;
      clearTimeout(timer);
      unsubscribe();
    },
  };
}

/** What the outcome of cases depends on: where nodes stand and what is written beside them is none of it. */
function keyOf(document: FlowDocument): string {
  const nodes = document.nodes.map(({ position: _position, title: _title, notes: _notes, ...node }) => node);
  return JSON.stringify([nodes, document.edges, document.settings, document.tests]);
}

/** What one case came by counts only with all of them run: its coverage is left as it was. */
function mergeOne(before: CasesRun, { results }: CasesRun): CasesRun {
  const fresh = new Map(results.map((result) => [result.name, result]));
  return { ...before, results: before.results.map((result) => fresh.get(result.name) ?? result) };
}

export type CaseState = "passed" | "failed" | "not-run";

/** How a case stands. What was found before the case was edited is no state of it. */
export function standingOf(
  own: TestCase,
  { run, of }: { run: CasesRun | null; of: FlowDocument | null },
): { state: CaseState; result?: CaseResult } {
  const result = run?.results.find(({ name }) => name === own.name);
  const ran = of?.tests?.find(({ name }) => name === own.name);
  // The same case read anew from the server is another object.
  if (!result || !ran || (ran !== own && JSON.stringify(ran) !== JSON.stringify(own))) return { state: "not-run" };
  return { state: result.passed ? "passed" : "failed", result };
}
