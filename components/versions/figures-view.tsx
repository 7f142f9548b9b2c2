"use client";

import { useQuery } from "@tanstack/react-query";
import { Activity, X } from "lucide-react";
import dynamic from "next/dynamic";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import { diffFlows } from "@/flow/diff";
import type { FlowView } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { Kbd } from "../ui/kbd";
import { LoadError } from "../ui/query-states";
import { Select } from "../ui/select";
import { Skeleton } from "../ui/skeleton";
import type { Choice } from "./choice";
import { FigureList } from "./figure-list";
import { layFigures, type NodeFigures, pairNodes } from "./lay-figures";
import { useSide } from "./use-sides";

// The canvas library is large and the list is useful before it is there.
const FlowDrawing = dynamic(() => import("../drawing/flow-drawing").then((module) => module.FlowDrawing), {
  ssr: false,
});

/** What each node did in the last day in two versions, on the drawing and as a list. Escape leaves it. */
export function FiguresView({
  name,
  flow,
  choice,
  onChoose,
  onLeave,
}: {
  name: string;
  flow: FlowView | undefined;
  choice: Choice;
  onChoose(choice: Choice): void;
  onLeave(): void;
}) {
  const trpc = useTRPC();
  const history = useQuery(trpc.deployments.versionFigures.queryOptions({ flow: name }, { refetchInterval: 10_000 }));
  const ran = history.data?.versions ?? [];
  const to = ran.find((version) => version === choice.to) ?? ran[0];
  const from = ran.find((version) => version === choice.from && version !== to) ?? ran.find((each) => each !== to);
  const leave = useEffectEvent((event: KeyboardEvent) => {
    // What lies above, such as a list of versions that is open, is closed first.
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("[role=dialog], [role=listbox]"))
      return;
    onLeave();
  });
  useEffect(() => {
    window.addEventListener("keydown", leave);
    return () => window.removeEventListener("keydown", leave);
  }, []);
  const options = ran.map((version) => ({ value: `${version}`, label: `v${version}` }));
  return (
    <div className="flex min-h-0 min-w-0 flex-col">
      <div className="flex min-h-12 flex-wrap items-center gap-2 border-b bg-surface px-4 py-2">
        <span className="text-muted">The last 24 hours of</span>
        {from !== undefined && to !== undefined ? (
          <>
            <Select
              label="Earlier version"
              className="!w-24"
              value={`${from}`}
              options={options.filter(({ value }) => value !== `${to}`)}
              onValueChange={(version) => onChoose({ from: Number(version), to })}
            />
            <span className="text-muted">and</span>
            <Select
              label="Later version"
              className="!w-24"
              value={`${to}`}
              options={options.filter(({ value }) => value !== `${from}`)}
              onValueChange={(version) => onChoose({ from, to: Number(version) })}
            />
          </>
        ) : null}
        <span className="flex-1" />
        <Button icon={<X />} onClick={onLeave}>
          Leave the figures <Kbd>Esc</Kbd>
        </Button>
      </div>
      {history.error ? (
        <LoadError what="What the versions did" error={history.error} onRetry={() => void history.refetch()} />
      ) : history.isPending ? (
        <Skeleton className="m-8 flex-1" />
      ) : from === undefined || to === undefined ? (
        <EmptyState
          icon={<Activity />}
          title={
            to === undefined ? "No version worked in the last 24 hours" : `Only v${to} worked in the last 24 hours`
          }
          action={<Button onClick={onLeave}>Compare the drawings</Button>}
        >
          Two versions are compared by what their nodes did: how many messages a second, how long each took, how many
          failed. Figures come within ten seconds of the first message.
        </EmptyState>
      ) : (
        <Compared key={`${from} ${to}`} {...{ name, flow, from, to }} figures={history.data.figures} />
      )}
    </div>
  );
}

function Compared({
  name,
  flow,
  from,
  to,
  figures,
}: {
  name: string;
  flow: FlowView | undefined;
  from: number;
  to: number;
  figures: Parameters<typeof pairNodes>[1];
}) {
  const [before, after] = [useSide(flow, name, from), useSide(flow, name, to)];
  const [selected, setSelected] = useState<string | null>(null);
  const compared = useMemo(() => {
    if (!before.document || !after.document) return null;
    const drawings = { before: before.document, after: after.document };
    const diff = diffFlows(drawings.before, drawings.after);
    const nodes = pairNodes(drawings, figures, { from, to });
    return { nodes, ...layFigures({ ...drawings, diff }, nodes, { from, to }) };
  }, [before.document, after.document, figures, from, to]);
  const error = before.error ?? after.error;
  const retry = () => {
    before.retry();
    after.retry();
  };
  const nodes: readonly NodeFigures[] = compared?.nodes ?? [];
  return (
    <div className="flex min-h-0 flex-1">
      <div className="relative min-w-0 flex-1">
        {error ? <LoadError what="The version" error={error} onRetry={retry} /> : null}
        {compared ? (
          <FlowDrawing
            document={compared.document}
            way={compared.way}
            selected={selected}
            follow={selected !== null}
            onSelect={setSelected}
            label={`What v${from} and v${to} did in the last 24 hours`}
          />
        ) : error ? null : (
          <Skeleton className="absolute inset-8" />
        )}
      </div>
      <FigureList nodes={nodes} from={from} to={to} selected={selected} onSelect={setSelected} />
    </div>
  );
}
