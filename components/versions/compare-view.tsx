"use client";

import { Activity, ArrowLeftRight } from "lucide-react";
import dynamic from "next/dynamic";
import { useMemo, useState } from "react";
import { diffFlows } from "@/flow/diff";
import { type Difference, listDifferences } from "@/flow/differences";
import type { FlowView, VersionSummary } from "@/server/views";
import { Button, IconButton } from "../ui/button";
import { LoadError } from "../ui/query-states";
import { Select } from "../ui/select";
import { Skeleton } from "../ui/skeleton";
import { type Choice, type Side, wordSide, writeChoice } from "./choice";
import { DifferencePanel } from "./difference-panel";
import { layOver } from "./lay-over";
import { useSide } from "./use-sides";
import { VersionActions } from "./version-actions";

// The canvas library is large and the list is useful before it is there.
const FlowDrawing = dynamic(() => import("../drawing/flow-drawing").then((module) => module.FlowDrawing), {
  ssr: false,
});

interface Looked {
  of: string;
  difference: Difference | null;
  node: string | null;
}

/** Two sides of a flow: what differs on the drawing, beside it field by field, and what can be done with the later one. */
export function CompareView({
  name,
  flow,
  versions,
  choice,
  onChoose,
  onFigures,
}: {
  name: string;
  flow: FlowView | undefined;
  versions: readonly VersionSummary[];
  choice: Choice;
  onChoose(choice: Choice): void;
  /** Shows what the versions did, in place of how they are drawn. */
  onFigures(): void;
}) {
  const { from, to } = choice;
  const before = useSide(flow, name, from);
  const after = useSide(flow, name, to);
  const [moved, setMoved] = useState(true);
  const choiceKey = writeChoice(choice);
  // What is looked at belongs to the two sides that are compared now.
  const [looked, setLooked] = useState<Looked>({ of: choiceKey, difference: null, node: null });
  const { difference: current, node } = looked.of === choiceKey ? looked : { difference: null, node: null };
  const alone = from === "nothing";
  const diff = useMemo(
    () => (before.document && after.document ? diffFlows(before.document, after.document) : null),
    [before.document, after.document],
  );
  const all = useMemo(() => (diff && !alone ? listDifferences(diff) : []), [diff, alone]);
  const differences = useMemo(() => (moved ? all : all.filter(({ change }) => change !== "moved")), [all, moved]);
  const drawn = useMemo(() => {
    if (!diff || !before.document || !after.document) return null;
    if (alone || differences.length === 0) return { document: after.document };
    return layOver(before.document, after.document, diff, { moved });
  }, [diff, before.document, after.document, alone, differences.length, moved]);
  const error = before.error ?? after.error;

  function go(difference: Difference | null) {
    const place = difference?.nodes.find((id) => drawn?.document.nodes.some((each) => each.id === id));
    setLooked({ of: choiceKey, difference, node: place ?? null });
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-col">
      <div className="flex min-h-12 flex-wrap items-center gap-2 border-b bg-surface px-4 py-2">
        <Select
          label="Compare from"
          className="!w-52"
          value={`${from}`}
          options={optionsOf(versions, to, true)}
          onValueChange={(side) => onChoose({ from: readSide(side), to })}
        />
        <IconButton
          label="Swap the sides"
          disabled={alone}
          onClick={() => onChoose({ from: to, to: alone ? to : from })}
        >
          <ArrowLeftRight />
        </IconButton>
        <Select
          label="Compare to"
          className="!w-52"
          value={`${to}`}
          options={optionsOf(versions, from, false)}
          onValueChange={(side) => onChoose({ from, to: readSide(side) })}
        />
        <span className="flex-1" />
        <Button icon={<Activity />} onClick={onFigures}>
          What they did
        </Button>
        <VersionActions name={name} flow={flow} versions={versions} side={to} document={after.document} />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="relative min-w-0 flex-1">
          {error ? (
            <LoadError
              what="The version"
              error={error}
              onRetry={() => {
                before.retry();
                after.retry();
              }}
            />
          ) : null}
          {!drawn && !error ? <Skeleton className="absolute inset-8" /> : null}
          {drawn ? (
            <FlowDrawing
              key={choiceKey}
              {...drawn}
              selected={node}
              follow={node !== null}
              onSelect={(id) => {
                const difference = differences.find((each) => each.of === "node" && each.nodes[0] === id) ?? null;
                setLooked({ of: choiceKey, difference, node: id });
              }}
              label={alone ? `Drawing of ${wordSide(to)}` : `What differs from ${wordSide(from)} to ${wordSide(to)}`}
            />
          ) : null}
        </div>
        {diff && !alone ? (
          <DifferencePanel
            heading={`From ${wordSide(from)} to ${wordSide(to)}`}
            diff={diff}
            differences={differences}
            hidden={all.length - differences.length}
            movedCount={all.filter(({ change }) => change === "moved").length}
            moved={moved}
            onMoved={setMoved}
            current={current}
            onGo={go}
          />
        ) : null}
      </div>
    </div>
  );
}

const readSide = (text: string): Side => (/^\d+$/.test(text) ? Number(text) : (text as Side));

function optionsOf(versions: readonly VersionSummary[], other: Side, empty: boolean) {
  const running = versions.find((version) => version.running);
  return [
    { value: "draft", label: "Draft", disabled: other === "draft" },
    { value: "running", label: running ? `What runs (v${running.number})` : "What was deployed last" },
    ...versions.map(({ number, name, message }) => ({
      value: `${number}`,
      label: name ? `v${number} · ${name}` : `v${number}`,
      ...(message ? { hint: message } : {}),
      disabled: other === number,
    })),
    ...(empty ? [{ value: "nothing", label: "Nothing: only show it" }] : []),
  ];
}
