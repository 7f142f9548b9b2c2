import type { FlowDocument } from "@/flow/document";
import type { SaveResult } from "@/server/views";
import { messageOfError } from "../ui/error-words";
import type { DesignerStore } from "./store";

const pauseMs = 500;
const retryMs = 4_000;

/** The way to the server: writes a draft under the revision that it began from; reads the one that is there. */
export interface DraftServer {
  save(draft: { revision: number; document: FlowDocument }): Promise<SaveResult>;
  load(): Promise<{ revision: number; document: FlowDocument } | null>;
}

export interface Autosave {
  /** Saves at once. */
  flush(): Promise<void>;
  /** Somebody else saved: brings it in, unless it is known. */
  pull(by: string): Promise<void>;
  stop(): void;
}

/**
 * Saves the draft when nothing was changed for half a second, one save at a time. What others saved meanwhile is merged into it, and
 * then it is saved on top of theirs; when both changed the same, nothing is written until a person has chosen.
 */
export function startAutosave(store: DesignerStore, server: DraftServer): Autosave {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;
  let stopped = false;

  const isDirty = () => {
    const { document, savedDocument, save } = store.getState();
    return document !== savedDocument && save.is !== "conflict";
  };
  const write = async (): Promise<void> => {
    if (!isDirty() || store.getState().readOnly) return;
    const { document, revision, set, receive } = store.getState();
    set({ save: { is: "saving" } });
    try {
      const result = await server.save({ revision, document });
      if (result.ok) {
        const changedMeanwhile = store.getState().document !== document;
        const save = { is: changedMeanwhile ? ("waiting" as const) : ("saved" as const) };
        set({ revision: result.revision, savedDocument: document, save });
        if (changedMeanwhile) wait(pauseMs);
      } else {
        const { theirDraft, theirs, updatedBy } = result.conflict;
        receive({ document: theirDraft, revision: theirs, by: updatedBy });
        if (isDirty()) await write();
      }
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
    if ((state.document !== before.document || state.save !== before.save) && state.save.is === "waiting")
      wait(pauseMs);
  });
  // Drawn before the page was loaded anew, and not saved then.
  if (isDirty()) wait(pauseMs);
  return {
    async flush() {
      // What is on its way may be older than what is drawn: then once more.
      await run();
      if (isDirty()) await run();
    },
    async pull(by) {
      try {
        const draft = await server.load();
        // A save on its way meets the same draft by itself; what comes back is then known.
        while (running) await running;
        if (draft && !stopped) store.getState().receive({ ...draft, by });
      } catch {
        // The server is away: the next save meets what it has.
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      unsubscribe();
    },
  };
}
