"use client";

import { useCallback, useEffect, useRef } from "react";
import { useTRPCClient } from "../trpc/context";
import { tabId } from "../trpc/tab-id";
import { type Autosave, startAutosave } from "./autosave";
import { useCompany } from "./companions";
import type { DesignerStore } from "./store";
import { keepLeaving } from "./use-draft";

/** Saves what is drawn; leaving the page saves the rest first. What others save comes in. */
export function useAutosave(store: DesignerStore, name: string): () => Promise<void> {
  const client = useTRPCClient();
  const running = useRef<Autosave | null>(null);
  useEffect(() => {
    const autosave = startAutosave(store, {
      save: ({ revision, document }) => client.flows.save.mutate({ name, revision, document, tab: tabId }),
      async load() {
        const { draft, revision } = await client.flows.get.query({ name });
        return draft && { document: draft, revision };
      },
    });
    running.current = autosave;
    const warn = (event: BeforeUnloadEvent) => {
      const { document, savedDocument } = store.getState();
      if (document === savedDocument) return;
      void autosave.flush();
      event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      keepLeaving(name, autosave.flush());
      autosave.stop();
      running.current = null;
    };
  }, [store, client, name]);
  const current = useCallback(() => running.current, []);
  useCompany(store, name, current);
  return useCallback(async () => running.current?.flush(), []);
}
