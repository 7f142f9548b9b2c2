"use client";

import { useReactFlow } from "@xyflow/react";
import clsx from "clsx";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { parseEndpoint } from "@/flow/graph";
import type { Problem } from "@/flow/problems";
import { InlineCode } from "../drawing/inline-code";
import { titleOfNode } from "../drawing/kinds";
import { formatPlural } from "../ui/formats";
import { useDesigner, useDesignerStore } from "./context";
import { nodeOf } from "./edit";
import { FixButton } from "./fix-button";
import { LazyPopover } from "./lazy-popover";
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

/** How many problems there are; the list on a press. */
export function ProblemsButton() {
  const problems = useDesigner((state) => state.problems);
  const empty = useDesigner((state) => state.document.nodes.length === 0);
  const unchecked = useDesigner((state) => state.brokersUnchecked);
  const [open, setOpen] = useState(false);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  if (empty) return null;
  const words = [
    errors > 0 ? formatPlural(errors, "problem") : "",
    warnings > 0 ? formatPlural(warnings, "warning") : "",
  ].filter(Boolean);
  const Icon = errors > 0 ? CircleAlert : warnings > 0 ? TriangleAlert : CircleCheck;
  return (
    <LazyPopover
      open={open}
      onOpenChange={setOpen}
      side="top"
      className="!w-[440px]"
      trigger={
        <button
          type="button"
          className={clsx(
            "flex h-8 items-center gap-1.5 rounded-md border border-line bg-surface px-2.5 text-12 hover:bg-hover",
            errors > 0 ? "text-bad" : warnings > 0 ? "text-warn" : "text-muted",
          )}
          data-testid="problems"
        >
          <Icon className="size-3.5" aria-hidden />
          {words.length > 0 ? words.join(", ") : <span className="sr-only">No problems</span>}
        </button>
      }
    >
      <h3 className="font-semibold">{words.length > 0 ? words.join(", ") : "Nothing is wrong with this drawing"}</h3>
      {unchecked ? (
        <p className="mt-1 text-12 text-muted">
          Topics could not be looked up: no worker answers, or the broker does not.
        </p>
      ) : null}
      <div className="thin-scroll mt-2 max-h-80 overflow-y-auto">
        <ProblemsList problems={problems} onGo={() => setOpen(false)} />
      </div>
    </LazyPopover>
  );
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
