"use client";

import { useReactFlow } from "@xyflow/react";
import clsx from "clsx";
import { parseEndpoint } from "@/flow/graph";
import type { Problem } from "@/flow/problems";
import { InlineCode } from "../drawing/inline-code";
import { titleOfNode } from "../drawing/kinds";
import { useDesigner, useDesignerStore } from "./context";
import { nodeOf } from "./edit";
import { FixButton } from "./fix-button";
import type { DesignerStore } from "./store";

/** Shows the place of a problem: chooses the node, opens the field, or the settings of the flow. */
export function goToProblem(store: DesignerStore, problem: Problem): string | null {
  if (problem.node !== undefined) {
    const tab = problem.field?.startsWith("retry") ? "errors" : "settings";
    // A field of a case is none of the node's own.
    const field = problem.field?.startsWith("tests.") ? undefined : problem.field;
    store.getState().inspect(problem.node, { tab, ...(field ? { field } : {}) });
    return problem.node;
  }
  const [, group] = /^groups\.(\d+)/.exec(problem.field ?? "") ?? [];
  if (group !== undefined) store.getState().select(store.getState().document.groups?.[Number(group)]?.nodes ?? []);
  if (problem.fix?.do === "open-flow-settings" || problem.field?.startsWith("settings."))
    store.getState().set({ settingUp: true });
  if (problem.edge === undefined) return null;
  store.getState().select([], [problem.edge]);
  return parseEndpoint(problem.edge.split(">")[0]!, "out").node;
}

/** Problems, each leading to its place and with its way out. */
export function ProblemsList({ problems, onGo }: { problems: readonly Problem[]; onGo(): void }) {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const flow = useReactFlow();
  const go = (problem: Problem) => {
    const node = goToProblem(store, problem);
    onGo();
    if (node) void flow.fitView({ nodes: [{ id: node }], maxZoom: 1, padding: 0.6, duration: 160 });
  };
  return (
    <ul className="flex flex-col divide-y divide-line">
      {problems.map((problem) => {
        const node = problem.node === undefined ? undefined : nodeOf(document, problem.node);
        return (
          <li
            key={`${problem.code}:${problem.node}:${problem.edge}:${problem.field}:${problem.message}`}
            className="flex items-start gap-2 py-1.5"
          >
            <span
              className={clsx(
                "mt-1.5 size-2 shrink-0 rounded-full",
                problem.severity === "error" ? "bg-bad" : "bg-warn",
              )}
              role="img"
              aria-label={problem.severity}
            />
            <button
              type="button"
              className="min-w-0 flex-1 break-words rounded-sm text-left hover:underline"
              onClick={() => go(problem)}
            >
              {node ? <span className="font-medium">{titleOfNode(node)}: </span> : null}
              <InlineCode text={problem.message} />
              <span className="block font-mono text-12 text-faint">{problem.code}</span>
            </button>
            <FixButton problem={problem} />
          </li>
        );
      })}
    </ul>
  );
}
