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
import { useDesigner, useDesignerStore } from "./context";
import { setConfig } from "./edit-settings";
import { readFlowSettings, writeFlowSettings } from "./flow-settings";

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
    const { connection, kind, type, name } = fix;
    const usual = describeUsual(findPlaceKind(kind, type));
    return (
      <Button
        size="sm"
        busy={create.isPending}
        title={`Creates ${name}${usual ? ` with ${usual}` : ""}`}
        onClick={() => create.mutate({ name: connection, type, place: name })}
      >
        Create {type}
      </Button>
    );
  }
  if (readOnly || node === undefined) return null;
  if (fix.do === "set-delivery") {
    return (
      <Button
        size="sm"
        onClick={() => {
          const { document, apply } = store.getState();
          apply(writeFlowSettings(document, { ...readFlowSettings(document), delivery: fix.delivery }));
        }}
      >
        Deliver at least once
      </Button>
    );
  }
  return (
    <Button
      size="sm"
      onClick={() => {
        const { document, apply } = store.getState();
        apply(setConfig(document, node, fix.field, fix.value));
      }}
    >
      {fix.label}
    </Button>
  );
}

const titleOf = (type: PlaceType) => `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
