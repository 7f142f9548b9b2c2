"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import type { MaskedField } from "@/flow/recorded-fields";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button } from "../ui/button";
import { notifyDone, notifyError } from "../ui/toast";
import { useDesigner } from "./context";
import { addMask, listShowing } from "./mask-neighbours";

/** Flows that read or write the same topics and queues, and show what is masked here; with a way to mask it there. */
export function MaskedElsewhere({ masked }: { masked: readonly MaskedField[] }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const name = useDesigner((state) => state.document.name);
  const readOnly = useDesigner((state) => state.readOnly);
  const neighbours = useQuery(trpc.flows.neighbours.queryOptions({ name }, { enabled: masked.length > 0 }));
  const mask = useMutation({
    mutationFn: async ({ flow, field }: { flow: string; field: MaskedField }) => {
      const { draft, revision } = await client.flows.get.query({ name: flow });
      if (!draft) throw new Error(`The drawing of “${flow}” is of a format that this version does not write.`);
      const settings = { ...draft.settings, masked: addMask(draft.settings?.masked ?? [], field) };
      const saved = await client.flows.save.mutate({ name: flow, revision, document: { ...draft, settings } });
      if (!saved.ok) throw new Error(`${saved.conflict.updatedBy} saved “${flow}” meanwhile. Try again.`);
    },
    onSuccess: (_, { flow, field }) => notifyDone(`${field.path} is masked in ${flow}, too`),
    onError: (error) => notifyError("It was not masked there", error),
    onSettled: () => queries.invalidateQueries({ queryKey: trpc.flows.neighbours.queryKey({ name }) }),
  });
  const showing = masked.flatMap((field) =>
    listShowing(field, neighbours.data ?? []).map((neighbour) => ({ field, neighbour })),
  );
  if (showing.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1" aria-label="Shown by other flows">
      {showing.map(({ field, neighbour: { flow, title, places } }) => (
        <li key={`${field.path} ${flow}`} className="flex items-center gap-2 text-12">
          <span className="min-w-0 flex-1 text-warn">
            <Link href={`/flows/${encodeURIComponent(flow)}`} className="font-medium hover:underline">
              {title}
            </Link>{" "}
            has the same messages ({places.join(", ")}) and shows <span className="font-mono">{field.path}</span>.
          </span>
          {readOnly ? null : (
            <Button size="sm" busy={mask.isPending} onClick={() => mask.mutate({ flow, field })}>
              Mask it there
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
