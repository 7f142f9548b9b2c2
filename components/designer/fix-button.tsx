"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { findPlaceKind } from "@/flow/connection-catalog";
import type { PlaceType } from "@/flow/place";
import type { Problem } from "@/flow/problems";
import { describeUsual } from "../form/new-place";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, ButtonLink } from "../ui/button";
import { formatPlural } from "../ui/formats";
import { notifyDone, notifyError } from "../ui/toast";
import { freePlace } from "./add-kind";
import { applyFix } from "./apply-fix";
import { useDesigner, useDesignerStore } from "./context";

/** The way out of a problem, where it has one, as a button. */
export function FixButton({ problem }: { problem: Problem }) {
  const store = useDesignerStore();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const readOnly = useDesigner((state) => state.readOnly);
  const mayCreate = useHasRole("operator");
  const create = useMutation(
    trpc.connections.createPlace.mutationOptions({
      async onSuccess({ place: { partitions } }, { type, place }) {
        const description = partitions === undefined ? {} : { description: formatPlural(partitions, "partition") };
        notifyDone(`${titleOf(type)} ${place} was created`, description);
        await Promise.all([
          queries.invalidateQueries({ queryKey: trpc.connections.places.queryKey() }),
          queries.invalidateQueries({ queryKey: trpc.flows.check.queryKey() }),
        ]);
      },
      onError: (error, { type, place }) => notifyError(`${titleOf(type)} ${place} was not created`, error),
    }),
  );
  const { fix, node } = problem;
  if (!fix) return null;
  if (fix.do === "open-connections") {
    return (
      <ButtonLink size="sm" href={`/connections?name=${encodeURIComponent(fix.connection)}`}>
        Open connections
      </ButtonLink>
    );
  }
  if (fix.do === "open-flow-settings") {
    return (
      <Button size="sm" onClick={() => store.getState().set({ settingUp: true })}>
        Flow settings
      </Button>
    );
  }
  if (fix.do === "create-place") {
    if (!mayCreate) return null;
    const { connection, kind, type, name, options } = fix;
    const usual = describeUsual(findPlaceKind(kind, type), options);
    return (
      <Button
        size="sm"
        busy={create.isPending}
        title={`Creates ${name}`}
        onClick={() => create.mutate({ name: connection, type, place: name, ...(options ? { options } : {}) })}
      >
        Create {type}
        {usual ? ` ${usual}` : ""}
      </Button>
    );
  }
  if (readOnly) return null;
  if (fix.do === "wire-port") {
    if (node === undefined) return null;
    return (
      <Button
        size="sm"
        onClick={(event) => {
          const state = store.getState();
          const place = state.nodes.find(({ id }) => id === node)?.position ?? { x: 0, y: 0 };
          const { left, top } = event.currentTarget.getBoundingClientRect();
          const at = freePlace(state.nodes, { x: place.x + 300, y: place.y });
          state.set({ quickAdd: { screen: { x: left, y: top }, at, from: { node, port: fix.port } } });
        }}
      >
        {fix.label}
      </Button>
    );
  }
  return (
    <Button
      size="sm"
      onClick={() => {
        const { document, apply } = store.getState();
        const next = applyFix(document, problem);
        if (next) apply(next);
      }}
    >
      {fix.do === "set-delivery" ? "Deliver at least once" : fix.label}
    </Button>
  );
}

const titleOf = (type: PlaceType) => `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
