"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { diffFlows } from "@/flow/diff";
import type { FlowDocument } from "@/flow/document";
import type { Problem, ProblemCode } from "@/flow/problems";
import { useTRPC } from "../trpc/context";
import { useDesigner, useDesignerStore } from "./context";

/** Only the server can know these: it asks the brokers, the other flows and the workers. */
const askedCodes: ReadonlySet<ProblemCode> = new Set([
  "topic-missing",
  "queue-missing",
  "exchange-missing",
  "stream-missing",
  "broker-unreachable",
  "path-duplicate",
  "connection-missing",
  "connection-wrong-kind",
  "connection-incomplete",
  "worker-label-missing",
]);
const localPauseMs = 120;
const serverPauseMs = 700;

const numbers = new WeakMap<FlowDocument, number>();
let count = 0;
function numberOf(document: FlowDocument): number {
  const number = numbers.get(document) ?? ++count;
  numbers.set(document, number);
  return number;
}

/** Keeps the problems and the guarantee up to date: the drawing is checked here as one types, and by the server a moment later. */
export function useCheck(): void {
  const store = useDesignerStore();
  const trpc = useTRPC();
  const document = useDesigner((state) => state.document);
  const connections = useQuery(trpc.connections.list.queryOptions());
  const asked = useSettled(document, serverPauseMs);
  const answer = useQuery({
    ...trpc.flows.check.queryOptions({ document: asked }),
    // A drawing is another when it is another object: five hundred nodes are not read through each time that this is drawn.
    queryKeyHashFn: () => `check ${numberOf(asked)}`,
    staleTime: 10_000,
    refetchInterval: 20_000,
    gcTime: 30_000,
    retry: false,
    placeholderData: (before) => before,
  });
  const answered = answer.data;
  const known = connections.data;
  const edited = useDesigner((state) => state.history.past.length + state.history.future.length > 0);
  const unasked = answer.isError;

  useEffect(() => {
    // As long as nothing was changed the server's word is all there is to know, and the language need not be loaded.
    if (!edited && !unasked) {
      if (answered) {
        const { problems, semantics, brokersUnchecked } = answered;
        store.getState().set({ problems, semantics, brokersUnchecked });
      }
      return;
    }
    let gone = false;
    const timer = setTimeout(async () => {
      // The language is a chunk of its own: the canvas is drawn before it is there.
      const [{ checkFlow }, { semanticsOf }] = await Promise.all([import("@/flow/check"), import("@/flow/semantics")]);
      if (gone) return;
      const found = checkFlow(document, known ? { connections: known } : {});
      const ids = new Set(document.nodes.map((node) => node.id));
      const fromServer = (answered?.problems ?? []).filter(
        (problem) =>
          askedCodes.has(problem.code) &&
          (problem.node === undefined || ids.has(problem.node)) &&
          isStillSo(problem, asked, document) &&
          !found.some((own) => own.code === problem.code && own.node === problem.node && own.field === problem.field),
      );
      const problems = [...found, ...fromServer];
      const before = store.getState();
      store.getState().set({
        // The same problems keep their identity, so that no field draws again for nothing.
        problems: JSON.stringify(before.problems) === JSON.stringify(problems) ? before.problems : problems,
        semantics: semanticsOf(document, answered ? { facts: answered.facts } : {}),
        brokersUnchecked: answered?.brokersUnchecked ?? false,
      });
    }, localPauseMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [document, known, answered, asked, edited, unasked, store]);
}

/** What the server said of a node holds as long as its settings are those that it was asked about. */
function isStillSo(problem: Problem, asked: FlowDocument, now: FlowDocument): boolean {
  if (problem.node === undefined) return true;
  const before = asked.nodes.find((node) => node.id === problem.node);
  const after = now.nodes.find((node) => node.id === problem.node);
  return before?.config === after?.config;
}

/** The value, once it has not changed for a while. */
function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** Marks the nodes that differ from what runs. */
export function useChangedNodes(running: FlowDocument | null): void {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  useEffect(() => {
    const timer = setTimeout(() => {
      const changed = running
        ? diffFlows(running, document)
            .nodes.filter(({ change }) => change === "added" || change === "changed")
            .map(({ id }) => id)
        : [];
      const before = store.getState().changedNodes;
      if (changed.length !== before.size || changed.some((id) => !before.has(id))) {
        store.getState().set({ changedNodes: new Set(changed) });
      }
    }, localPauseMs);
    return () => clearTimeout(timer);
  }, [document, running, store]);
}

/** How many things differ from what runs, counted as a person would. */
export function countChanges(running: FlowDocument | null, document: FlowDocument): number {
  if (!running) return 0;
  const diff = diffFlows(running, document);
  const nodes = diff.nodes.filter(({ change }) => change !== "moved").length;
  const settings = diff.flow.filter(({ path }) => path.startsWith("settings")).length;
  return nodes + diff.edges.added.length + diff.edges.removed.length + settings;
}
