"use client";

import { useQuery } from "@tanstack/react-query";
import { findKind } from "@/flow/catalog";
import { findConnectionKind } from "@/flow/connection-catalog";
import { useTRPC } from "../trpc/context";
import { Field } from "../ui/field";
import { Select } from "../ui/select";
import { useDesigner } from "./context";
import { FixButton } from "./fix-button";
import type { FlowSettings } from "./flow-settings";

/** Where sagas and delayed messages rest. Not there in a flow that holds nothing. */
export function FlowHolding({
  settings,
  onChange,
}: {
  settings: FlowSettings;
  onChange(part: Partial<FlowSettings>): void;
}) {
  const trpc = useTRPC();
  const connections = useQuery(trpc.connections.list.queryOptions());
  const readOnly = useDesigner((state) => state.readOnly);
  const problems = useDesigner((state) => state.problems);
  const document = useDesigner((state) => state.document);
  const chosen = settings.holdingConnection;
  const saved = document.settings?.holding?.connection ?? "";
  const holds = document.nodes.some(({ kind }) => findKind(kind)?.holds !== undefined);
  if (!holds && saved === "") return null;
  const fitting = (connections.data ?? []).filter(({ kind }) => findConnectionKind(kind)?.describeHeld);
  const options = fitting.map(({ name }) => ({ value: name, label: `Redis of ${name}` }));
  if (chosen && !options.some(({ value }) => value === chosen))
    options.push({ value: chosen, label: `Redis of ${chosen}` });
  const problem = saved === chosen ? problems.find(({ field }) => field === "settings.holding.connection") : undefined;
  return (
    <fieldset>
      <legend className="font-semibold">What is held</legend>
      <p className="mb-2 text-12 text-muted">
        Sagas and messages that wait rest here. A Redis must write an append-only file, else nothing is held in it. What
        is in flight does not move along: let it end before you change this.
      </p>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Rests in">
          {(control) => (
            <Select
              {...control}
              value={chosen}
              disabled={readOnly}
              onValueChange={(holdingConnection) => onChange({ holdingConnection })}
              options={[{ value: "", label: "Postgres" }, ...options]}
            />
          )}
        </Field>
      </div>
      {problem ? (
        <p className="mt-2 flex items-center gap-2 text-12 text-bad">
          <span className="min-w-0 flex-1 break-words">{problem.message}</span>
          <FixButton problem={problem} />
        </p>
      ) : null}
    </fieldset>
  );
}
