import type { FlowDocument } from "@/flow/document";
import type { SaveResult } from "@/server/views";
import { messageOfError } from "../ui/error-words";
import type { DesignerStore } from "./store";

const pauseMs = 500;
const retryMs = 4_000;

/** Writes a draft to the server under the revision that it began from. */
export type SaveDraft = (draft: { revision: number; document: FlowDocument }) => Promise<SaveResult>;

/**
 * Saves the draft when nothing was changed for half a second, one save at a time. A stale draft is kept as it is, both sides' revisions
 * are shown, and nothing is written until a person chose. `flush` saves at once.
 */
export function startAutosave(store: DesignerStore, save: SaveDraft): { flush(): Promise<void>; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;
  let stopped = false;

  const write = async (): Promise<void> => {
    const { document, revision, savedDocument, save: state, set } = store.getState();
    if (document === savedDocument || state.is === "conflict") return;
    set({ save: { is: "saving" } });
    try {
      const result = await save({ revision, document });
      if (!result.ok) {
        set({ save: { is: "conflict", ...result.conflict } });
        return;
      }
      const changedMeanwhile = store.getState().document !== document;
      set({ revision: result.revision, savedDocument: document, save: { is: changedMeanwhile ? "waiting" : "saved" } });
      if (changedMeanwhile) wait(pauseMs);
    } catch (error) {
      set({ save: { is: "failed", message: messageOfError(error) } });
      // The draft is here and nowhere else until it is saved: keep trying.
      wait(retryMs);
    }
  };
  const run = (): Promise<void> => {
    clearTimeout(timer);
    running ??= write().finally(() => {
      running = null;
    });
    return running;
  };
  const wait = (ms: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void run(), ms);
  };
  const unsubscribe = store.subscribe((state, before) => {
    if (state.document !== before.document && state.document !== state.savedDocument && state.save.is !== "conflict") {
      wait(pauseMs);
    }
  });
  return {
    async flush() {
      // What is on its way may be older than what is drawn: then once more.
      await run();
      if (store.getState().document !== store.getState().savedDocument) await run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      unsubscribe();
    },
  };
}
