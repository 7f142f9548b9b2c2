"use client";

import { useEffect, useRef, useState } from "react";
import { useDesignerStore } from "../designer/context";
import { useTRPCClient } from "../trpc/context";
import { liveStore } from "../trpc/live-store";
import { startCaseRuns } from "./run-cases";

type Runs = ReturnType<typeof startCaseRuns>;

/** Keeps the cases run in the background; gives what runs them at once. */
export function useCaseRuns(): (name?: string) => Promise<void> {
  const store = useDesignerStore();
  const client = useTRPCClient();
  const runs = useRef<Runs | null>(null);
  const [runNow] = useState(() => async (name?: string) => runs.current?.runNow(name));
  useEffect(() => {
    const isWorkerThere = () => (liveStore.getState().workers?.length ?? 0) > 0;
    const started = startCaseRuns(store, (request) => client.trials.runCases.mutate(request), isWorkerThere);
    runs.current = started;
    // A worker that comes back finds them waiting.
    const unsubscribe = liveStore.subscribe((state, before) => {
      if ((state.workers?.length ?? 0) > 0 && (before.workers?.length ?? 0) === 0) started.wake();
    });
    return () => {
      runs.current = null;
      unsubscribe();
      started.stop();
    };
  }, [store, client]);
  return runNow;
}
