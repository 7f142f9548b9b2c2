"use client";

import { useQuery } from "@tanstack/react-query";
import type { FlowDocument } from "@/flow/document";
import { flowFormat } from "@/flow/document";
import type { FlowView } from "@/server/views";
import { useTRPC } from "../trpc/context";
import type { Side } from "./choice";

/** The document of a side of the comparison, as far as it is there. */
export function useSide(
  flow: FlowView | undefined,
  name: string,
  side: Side,
): { document: FlowDocument | null; error: unknown; retry(): void } {
  const trpc = useTRPC();
  const number = typeof side === "number" ? side : null;
  const version = useQuery(
    trpc.versions.get.queryOptions(
      { flow: name, number: number ?? 1 },
      // A version never changes.
      { staleTime: Number.POSITIVE_INFINITY, enabled: number !== null },
    ),
  );
  const retry = () => void version.refetch();
  if (number !== null) return { document: version.data?.document ?? null, error: version.error, retry };
  if (side === "nothing") return { document: emptyFlow, error: null, retry };
  return { document: (side === "draft" ? flow?.draft : flow?.running) ?? null, error: null, retry };
}

const emptyFlow: FlowDocument = { format: flowFormat, name: "nothing", nodes: [], edges: [] };
