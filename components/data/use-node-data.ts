"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { FlowDocument } from "@/flow/document";
import type { Shape } from "@/flow/shape/shape";
import { useDesigner } from "../designer/context";
import { nodeOf } from "../designer/edit";
import { listedMessages, useNodeMessages } from "../designer/last-messages";
import { placeOf } from "../designer/place-of";
import { sagaScopeOf } from "../designer/saga-scope";
import { sourceOf } from "../designer/use-scope";
import { findKind, titleOfNode } from "../drawing/kinds";
import type { BodyShape, Scope } from "../form/environment";
import { useTRPC } from "../trpc/context";
import { type DataSample, samplesOfExample, samplesOfPlace, samplesOfRuns, samplesOfTrial } from "./samples";
import { type Origin, useOriginChoice } from "./use-origin-choice";

/** What is known of a node's data: the samples that an expression is tried on, and what the body looks like. */
export interface NodeData {
  readonly origins: readonly { readonly value: Origin; readonly label: string }[];
  readonly origin: Origin;
  chooseOrigin(origin: Origin): void;
  readonly samples: readonly DataSample[];
  readonly index: number;
  pick(index: number): void;
  /** A sample was picked by hand: newer ones do not move it away. */
  readonly pinned: boolean;
  readonly reading: boolean;
  readonly scopes: readonly Scope[];
  readonly scope: Scope | null;
  /** What the compensation of a saga's step sees. */
  readonly undoScope: Scope | null;
  readonly body: BodyShape | undefined;
}

/** Samples of a node: real messages from its runs, from the last trial, or from the place that its source reads; else the kind's example. */
export function useNodeData(document: FlowDocument, node: string): NodeData {
  const trpc = useTRPC();
  const newest = useNodeMessages(node, listedMessages);
  const trial = useDesigner((state) => state.trial);
  const [chosen, chooseOrigin] = useOriginChoice();
  const [pick, setPick] = useState<{ samples: readonly DataSample[]; index: number } | null>(null);
  const source = useMemo(() => sourceOf(document, node), [document, node]);
  const origin = source === null ? undefined : nodeOf(document, source);
  const place = useMemo(() => placeOf(origin), [origin]);
  const title = origin ? titleOfNode(origin) : "the source";
  const meta = useMemo(
    () => ({ source: source ?? node, lane: source ?? node, position: "0", timestamp: 0, attempt: 1 }),
    [source, node],
  );

  const fromRuns = useMemo(() => samplesOfRuns(newest.data ?? [], meta), [newest.data, meta]);
  const fromTrial = useMemo(() => samplesOfTrial(trial, node, meta), [trial, node, meta]);
  const has: Record<Origin, boolean> = {
    trial: fromTrial.length > 0,
    runs: fromRuns.length > 0,
    place: source !== null && origin?.kind !== "generate-source",
    example: true,
  };
  const order: readonly Origin[] = ["trial", "runs", "place", "example"];
  const wanted = chosen !== null && has[chosen] ? chosen : order.find((each) => has[each])!;

  // Read from the broker only when it is what is shown, never as a member of the flow's group.
  const reads = wanted === "place" && newest.isFetched;
  const many = useQuery({
    ...trpc.connections.newest.queryOptions({ name: place?.connection ?? "", place: place?.name ?? "", limit: 10 }),
    enabled: reads && place !== undefined,
    staleTime: 15_000,
    retry: false,
  });
  const one = useQuery({
    ...trpc.messages.sample.queryOptions({ flow: document.name, node: source ?? node }),
    enabled: reads && place === undefined,
    staleTime: 30_000,
    retry: false,
  });
  // The server reads where the saved source says: asked anew when that is another place.
  const saved = useDesigner((state) => (source === null ? undefined : nodeOf(state.savedDocument, source)?.config));
  const { refetch } = one;
  useEffect(() => {
    if (reads && place === undefined && saved) void refetch();
  }, [reads, place, saved, refetch]);
  const fromPlace = useMemo(
    () => samplesOfPlace(many.data?.messages ?? (one.data ? [one.data] : []), meta, title),
    [many.data, one.data, meta, title],
  );
  const example = origin ? findKind(origin.kind)?.example.input : undefined;
  const fromExample = useMemo(
    () => samplesOfExample(example, meta, origin?.id === node),
    [example, meta, origin?.id, node],
  );

  const live = { trial: fromTrial, runs: fromRuns, place: fromPlace, example: fromExample }[wanted];
  const reading = wanted === "place" && (!newest.isFetched || (place ? many.isLoading : one.isLoading));
  const shown = live.length === 0 && !reading ? "example" : wanted;
  const current = shown === wanted ? live : fromExample;
  const samples = pick?.samples ?? current;
  const index = Math.min(pick?.index ?? 0, Math.max(0, samples.length - 1));
  const scopes = useMemo(
    () => samples.map((sample) => sagaScopeOf(document, node, sample)).filter((scope) => scope !== null),
    [samples, document, node],
  );
  const undoScope = useMemo(
    () => sagaScopeOf(document, node, samples[index] ?? null, "undone"),
    [document, node, samples, index],
  );
  const scope = useMemo(() => scopes[index] ?? sagaScopeOf(document, node, null), [scopes, index, document, node]);
  return {
    origins: [
      ...(has.trial ? [{ value: "trial" as const, label: "The last trial" }] : []),
      ...(has.runs ? [{ value: "runs" as const, label: "Last messages here" }] : []),
      ...(has.place
        ? [{ value: "place" as const, label: place ? `From ${place.type} ${place.name}` : `From ${title}` }]
        : []),
      { value: "example" as const, label: "Example" },
    ],
    origin: shown,
    chooseOrigin(next) {
      setPick(null);
      chooseOrigin(next);
    },
    samples,
    index,
    pick: (next) => setPick(next === 0 ? null : { samples, index: next }),
    pinned: pick !== null,
    reading,
    scopes,
    scope,
    undoScope,
    body: useBodyShape(document, node, scopes),
  };
}

/** What is known of the body at a node. The language that reads expressions is loaded for it, so it comes a moment later. */
function useBodyShape(document: FlowDocument, node: string, scopes: readonly Scope[]): BodyShape | undefined {
  const [body, setBody] = useState<BodyShape>();
  const { nodes, edges } = document;
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(async () => {
      const [{ readFlowShapes }, { inferShape }, { findKind: find }] = await Promise.all([
        import("@/flow/shape/flow-shapes"),
        import("@/flow/shape/infer"),
        import("@/flow/catalog"),
      ]);
      if (gone) return;
      const shapes = readFlowShapes({ nodes, edges }, find);
      const isSource = find(nodes.find(({ id }) => id === node)?.kind ?? "")?.role === "source";
      const known: Shape = isSource ? shapes.outOf(node, "out") : shapes.into(node);
      const sure = known.is !== "unknown";
      const next = { shape: sure ? known : inferShape(scopes.map(({ values }) => values.body)), sure };
      setBody((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
    }, 200);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [nodes, edges, node, scopes]);
  return body;
}
