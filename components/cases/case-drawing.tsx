"use client";

import dynamic from "next/dynamic";
import { useMemo, useState } from "react";
import type { TestCase } from "@/flow/test-case";
import { useDesigner, useDesignerStore } from "../designer/context";
import { inspectedNode } from "../designer/store";
import { Segments } from "../ui/tabs";
import { Pill } from "../ui/tag";
import { countCoverage, wayOfCase, wayOfCoverage } from "./case-ways";
import { standingOf } from "./run-cases";

const FlowDrawing = dynamic(() => import("../drawing/flow-drawing").then((module) => module.FlowDrawing), {
  ssr: false,
});

/** The draft, with the way of the case that is shown, or with what no case comes by. */
export function CaseDrawing({ shown }: { shown: TestCase }) {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const cases = useDesigner((state) => state.cases);
  const selected = useDesigner(inspectedNode);
  const [view, setView] = useState<"case" | "coverage">("case");
  const { result } = standingOf(shown, cases);
  const coverage = cases.run?.coverage;
  const way = useMemo(
    () =>
      view === "coverage"
        ? wayOfCoverage(document, coverage ?? { nodes: [], ports: [] })
        : result
          ? wayOfCase(result, document)
          : undefined,
    [view, document, coverage, result],
  );
  const count = coverage ? countCoverage(document, coverage) : null;
  return (
    <div className="relative min-h-0 min-w-0 overflow-hidden">
      <FlowDrawing
        document={document}
        way={way}
        selected={selected}
        onSelect={(node) => store.getState().select(node === null ? [] : [node])}
        label="Drawing of the draft"
      />
      <div className="absolute left-3 top-3 z-10 flex flex-wrap items-center gap-2">
        <span className="rounded-md bg-surface">
          <Segments<"case" | "coverage">
            label="What is laid over the drawing"
            options={[
              { value: "case", label: "This case" },
              { value: "coverage", label: "Coverage of all" },
            ]}
            value={view}
            onValueChange={setView}
          />
        </span>
        {count ? (
          <Pill>
            <span data-testid="coverage">
              {count.ports.covered} of {count.ports.all} ports · {count.nodes.covered} of {count.nodes.all} nodes
            </span>
          </Pill>
        ) : null}
      </div>
    </div>
  );
}
