import type { FlowDocument } from "@/flow/document";
import { belongsTo, packWork, unpackWork } from "./kept-history";
import { createDesignerStore, type DesignerStore } from "./store";

const pauseMs = 600;
const keyOf = (flow: string) => `millrace.work.${flow}`;

/**
 * A store over a draft, with the steps that this tab made before its page was loaded anew, and with what was drawn and not yet saved
 * then. What others saved meanwhile is merged as if it came now.
 */
export function openWork(
  flow: string,
  draft: { document: FlowDocument; revision: number },
  options: { readOnly: boolean },
): DesignerStore {
  const kept = options.readOnly ? null : readKept(flow);
  if (!kept || !belongsTo(kept, draft)) return createDesignerStore({ ...draft, ...options });
  const store = createDesignerStore({
    document: kept.history.present,
    revision: kept.revision,
    ...options,
    work: kept,
  });
  store.getState().receive({ ...draft, by: "" });
  // Who saved it while the page was away is not known; it may have been this person, elsewhere.
  store.getState().set({ others: {} });
  return store;
}

function readKept(flow: string) {
  try {
    const text = sessionStorage.getItem(keyOf(flow));
    return text === null ? null : unpackWork(text);
  } catch {
    // The browser keeps nothing for this page: then there are no steps from before.
    return null;
  }
}

/** Keeps the steps in this tab's session storage, a moment after each, and when the page goes. Ends by what it gives. */
export function keepWork(flow: string, store: DesignerStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const { history, savedDocument, revision } = store.getState();
    try {
      const isWorth = history.past.length + history.future.length > 0 || history.present !== savedDocument;
      const text = isWorth ? packWork({ history, savedDocument, revision }) : null;
      if (text === null) sessionStorage.removeItem(keyOf(flow));
      else sessionStorage.setItem(keyOf(flow), text);
    } catch {
      // Full or closed: the steps live as long as the page.
    }
  };
  const unsubscribe = store.subscribe((state, before) => {
    const isSameWork =
      state.history === before.history &&
      state.savedDocument === before.savedDocument &&
      state.revision === before.revision;
    if (!isSameWork && timer === undefined) timer = setTimeout(write, pauseMs);
  });
  window.addEventListener("pagehide", write);
  return () => {
    unsubscribe();
    window.removeEventListener("pagehide", write);
    write();
  };
}
