"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { SagaActed, SagaActRequest } from "@/server/saga-views";
import { useTRPC } from "../trpc/context";

/** So many in one request: each is answered for by the worker that changes it. */
const actedAtOnce = 250;

/** Acts on sagas; what is shown of sagas is read again at once. Rejects only when the server refused to try at all. */
export function useSagaActs() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const acting = useMutation(trpc.sagas.act.mutationOptions());
  const foreseeing = useMutation(trpc.sagas.foresee.mutationOptions());
  return {
    /** What would become of an act on each of them; nothing is done. */
    async foresee(request: Pick<SagaActRequest, "ids" | "action">): Promise<SagaActed[]> {
      const foreseen: SagaActed[] = [];
      for (let from = 0; from < request.ids.length; from += actedAtOnce) {
        foreseen.push(
          ...(await foreseeing.mutateAsync({ ...request, ids: request.ids.slice(from, from + actedAtOnce) })),
        );
      }
      return foreseen;
    },
    busy: acting.isPending,
    async act(request: SagaActRequest): Promise<SagaActed[]> {
      const acted: SagaActed[] = [];
      for (let from = 0; from < request.ids.length; from += actedAtOnce) {
        acted.push(...(await acting.mutateAsync({ ...request, ids: request.ids.slice(from, from + actedAtOnce) })));
      }
      await queries.invalidateQueries({ queryKey: trpc.sagas.pathKey() });
      return acted;
    },
    /** On one: a refusal is thrown, with its words and its code. */
    async actOnOne(request: Omit<SagaActRequest, "ids"> & { id: string }): Promise<void> {
      const { id, ...rest } = request;
      const [acted] = await acting.mutateAsync({ ids: [id], ...rest });
      await queries.invalidateQueries({ queryKey: trpc.sagas.pathKey() });
      if (acted && !acted.ok) {
        throw Object.assign(new Error(acted.message), {
          data: { problem: { code: acted.code, message: acted.message } },
        });
      }
    },
  };
}
