"use client";

import { useEffect } from "react";
import { useDesigner, useDesignerStore } from "../designer/context";
import { wayOfCoverage } from "./case-ways";
import { useCaseRuns } from "./use-case-runs";

/** In the editor: runs the cases after each save, and lays their coverage over the drawing when it is asked for. */
export function BackgroundCases() {
  const store = useDesignerStore();
  const covering = useDesigner((state) => state.covering);
  const document = useDesigner((state) => state.document);
  const run = useDesigner((state) => state.cases.run);
  useCaseRuns();
  useEffect(() => {
    if (covering) store.getState().set({ way: wayOfCoverage(document, run?.coverage ?? { nodes: [], ports: [] }) });
  }, [covering, document, run, store]);
  return null;
}
