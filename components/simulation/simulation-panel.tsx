"use client";

import { useReactFlow } from "@xyflow/react";
import { FlaskConical, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { FlowDocument } from "@/flow/document";
import type { Region } from "@/flow/saga/region";
import { useDesigner, useDesignerStore } from "../designer/context";
import { nodeOf } from "../designer/edit";
import { ProblemsList } from "../designer/problems-list";
import { canFail, endSimulation } from "../designer/simulate-failure";
import { inspectedNode, type Simulating } from "../designer/store";
import { useScope } from "../designer/use-scope";
import { chipClass } from "../drawing/kind-chip";
import { titleOfNode } from "../drawing/kinds";
import { findReadingView } from "../drawing/reading-view";
import { regionOf } from "../drawing/regions";
import { IconButton } from "../ui/button";
import { Callout } from "../ui/callout";
import { motionMs } from "../ui/motion";
import { Select } from "../ui/select";
import { Segments } from "../ui/tabs";
import { ExampleMessage } from "./example-message";
import { exampleOf } from "./example-of";
import type { FailureOptions, StartMessage } from "./simulate-step";
import { SimulationStory } from "./simulation-story";
import { useSimulation } from "./use-simulation";

const viewPauseMs = 220;
/** The numbers on a step can still be read. */
const smallestZoom = 0.5;

/** What would happen if a step failed, at the right and over the drawing. Nothing is sent. */
export function SimulationPanel() {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const simulating = useDesigner((state) => state.simulating);
  const chosen = useDesigner(inspectedNode);
  const region = simulating ? regionOf(document, simulating.node) : undefined;
  const exists = simulating !== null && nodeOf(document, simulating.node) !== undefined;

  useEffect(() => {
    const { simulating: now, document: drawn, set } = store.getState();
    if (!now || chosen === now.node || !canFail(store, chosen)) return;
    // Another step of the same saga is chosen: it is the one that fails.
    if (regionOf(drawn, chosen)?.start === regionOf(drawn, now.node)?.start)
      set({ simulating: { ...now, node: chosen } });
  }, [chosen, store]);
  useEffect(() => {
    if (!exists) endSimulation(store);
  }, [exists, store]);

  if (!simulating || !exists) return null;
  const title = titleOfNode(nodeOf(document, simulating.node)!);
  return (
    <aside aria-label="Simulation" className="relative flex w-[380px] min-h-0 shrink-0 flex-col border-l bg-surface">
      <div className="flex items-center gap-2.5 border-b px-4 py-3">
        <span className={`${chipClass} [--c:var(--undo)]`} aria-hidden>
          <FlaskConical />
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-14 font-semibold leading-[18px]">If {title} fails</h2>
          <p className="truncate text-12 text-muted">Simulated here: nothing is sent</p>
        </div>
        <IconButton
          label="End the simulation"
          side="bottom"
          shortcut="Esc"
          className="-mr-2"
          onClick={() => endSimulation(store)}
        >
          <X />
        </IconButton>
      </div>
      {region ? (
        <Simulated key={region.start} document={document} region={region} simulating={simulating} />
      ) : (
        <Callout tone="warn" title={`${title} stands in no saga yet`} className="m-4">
          Wire it behind a saga start. What is done before it is then undone when it fails.
        </Callout>
      )}
    </aside>
  );
}

function Simulated({
  document,
  region,
  simulating,
}: {
  document: FlowDocument;
  region: Region;
  simulating: Simulating;
}) {
  const store = useDesignerStore();
  const scope = useScope(document, region.start);
  const [own, setOwn] = useState<StartMessage | null>(null);
  const [answers, setAnswers] = useState<Readonly<Record<string, unknown>>>({});
  const [choices, setChoices] = useState<FailureOptions["choices"]>({});
  const sample = useMemo(() => exampleOf(document, region, scope), [document, region, scope]);
  const message = own ?? sample.message;
  const example = useMemo(() => ({ message, answers, choices }), [message, answers, choices]);
  const { result, answers: assumed } = useSimulation(document, region, simulating, example);
  useSagaInView(region, simulating.node);
  const steps = region.nodes.filter((id) => canFail(store, id));
  const set = (change: Partial<Simulating>) => store.getState().set({ simulating: { ...simulating, ...change } });
  const fail = (node: string) => {
    set({ node });
    store.getState().select([node]);
  };
  return (
    <div className="thin-scroll min-h-0 flex-1 overflow-auto">
      <div className="flex flex-col gap-2 px-4 py-3">
        <Select
          label="Which step fails"
          value={simulating.node}
          onValueChange={fail}
          options={steps.map((id) => ({ value: id, label: titleOfNode(nodeOf(document, id)!) }))}
        />
        <div className="flex items-center gap-2">
          <Segments<Simulating["effect"]>
            label="What its last attempt did"
            options={[
              { value: "none", label: "Did nothing" },
              { value: "maybe", label: "May have taken effect" },
            ]}
            value={simulating.effect}
            onValueChange={(effect) => set({ effect })}
          />
        </div>
        <p className="text-12 text-muted">
          {simulating.effect === "none"
            ? "It was refused, and surely changed nothing: a status 422, no connection."
            : "Its answer was lost, and it may have done its work: a timeout, a status 500."}
        </p>
      </div>
      {result.is === "unsound" ? (
        <section className="border-t px-4 py-3">
          <Callout tone="bad" title="The saga has mistakes" className="mb-2">
            It can be simulated once it could be deployed.
          </Callout>
          <ProblemsList problems={result.problems} onGo={() => endSimulation(store)} />
        </section>
      ) : result.is === "impossible" ? (
        <section className="border-t px-4 py-3">
          <Callout tone="warn" title="It does not begin over this message">
            {result.message}
          </Callout>
        </section>
      ) : result.is === "done" ? (
        <SimulationStory
          document={document}
          failing={simulating.node}
          view={result.view}
          answers={assumed}
          choices={choices}
          onAnswer={(node, answer) => setAnswers((before) => ({ ...before, [node]: answer }))}
          onChoose={(node, choice) => setChoices((before) => ({ ...before, [node]: choice }))}
        />
      ) : null}
      <ExampleMessage
        message={message}
        words={own ? "as edited here" : sample.words}
        onChange={setOwn}
        onReset={own ? () => setOwn(null) : undefined}
      />
    </div>
  );
}

/** Brings the saga into view when its simulation begins, readable, with the step that fails in sight. */
function useSagaInView({ start, nodes }: Region, failing: string): void {
  const store = useDesignerStore();
  const flow = useReactFlow();
  const begun = useRef({ ids: new Set([start, ...nodes]), failing });
  useEffect(() => {
    // The panel takes its room first.
    const timer = setTimeout(() => {
      const pane = window.document.querySelector(".drawing")?.getBoundingClientRect();
      const { ids, failing: node } = begun.current;
      const drawn = store.getState().document.nodes.filter(({ id }) => ids.has(id));
      const right = drawn.find(({ id }) => id === node)?.position?.x ?? 0;
      // What happens lies before the step that fails.
      const concerned = drawn.filter(({ position }) => (position?.x ?? 0) <= right);
      if (pane) void flow.setViewport(findReadingView(concerned, pane, node, smallestZoom), { duration: motionMs() });
    }, viewPauseMs);
    return () => clearTimeout(timer);
  }, [flow, store]);
}
