"use client";

import { useEffect, useMemo, useState } from "react";
import type { FlowDocument } from "@/flow/document";
import type { Problem } from "@/flow/problems";
import type { Region } from "@/flow/saga/region";
import { useDesigner, useDesignerStore } from "../designer/context";
import { nodeOf } from "../designer/edit";
import { problemsOfNode } from "../designer/indexes";
import type { Simulating } from "../designer/store";
import { guessAnswers } from "./example-answers";
import type { FailureOptions, StartMessage } from "./simulate-step";
import type { SimulatedFailure } from "./view";

/** `unsound`: the saga has mistakes, and a saga with mistakes does not run, here neither. */
export type SimulationResult =
  | { is: "pending" }
  | { is: "unsound"; problems: readonly Problem[] }
  | { is: "impossible"; message: string }
  | { is: "done"; view: SimulatedFailure };

const pauseMs = 60;

/** Simulates the failure anew with each change of the drawing or of the example, and lays it over the drawing. */
export function useSimulation(
  document: FlowDocument,
  region: Region,
  simulating: Simulating,
  example: {
    message: StartMessage | null;
    answers: Readonly<Record<string, unknown>>;
    choices: FailureOptions["choices"];
  },
): { result: SimulationResult; answers: Readonly<Record<string, unknown>> } {
  const store = useDesignerStore();
  const [result, setResult] = useState<SimulationResult>({ is: "pending" });
  const nodes = useMemo(() => [region.start, ...region.nodes].map((id) => nodeOf(document, id)!), [document, region]);
  const known = useDesigner((state) => state.problems);
  const problems = useMemo(
    () => nodes.flatMap(({ id }) => problemsOfNode(known, id).filter(({ severity }) => severity === "error")),
    [known, nodes],
  );
  const answers = useMemo(() => ({ ...guessAnswers(nodes), ...example.answers }), [nodes, example.answers]);
  const { message, choices } = example;
  const { node, effect } = simulating;

  useEffect(() => {
    if (!message) return;
    let gone = false;
    const timer = setTimeout(async () => {
      const { simulateFailureOf } = await import("./simulate-step");
      if (gone) return;
      const next = attempt(() =>
        simulateFailureOf(document, region, { node, effect, message, answers, choices, now: Date.now() }),
      );
      // Mistakes that are known say better why it cannot run.
      setResult(next.is === "impossible" && problems.length > 0 ? { is: "unsound", problems } : next);
      store.getState().set({ way: next.is === "done" ? next.view.way : null });
    }, pauseMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [document, region, node, effect, message, answers, choices, problems, store]);
  useEffect(() => () => store.getState().set({ way: null }), [store]);
  return { result, answers };
}

function attempt(simulate: () => SimulatedFailure): SimulationResult {
  try {
    return { is: "done", view: simulate() };
  } catch (error) {
    return { is: "impossible", message: error instanceof Error ? error.message : String(error) };
  }
}
