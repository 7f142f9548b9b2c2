"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../trpc/context";
import { formatPlural } from "../ui/formats";
import { notifyDone, notifyError } from "../ui/toast";

/** Lets dead letters that were discarded wait again. */
export function useTakeBack() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return useMutation(
    trpc.deadLetters.takeBack.mutationOptions({
      onSuccess: async ({ waiting }) => {
        await queries.invalidateQueries({ queryKey: trpc.deadLetters.pathKey() });
        notifyDone(`${formatPlural(waiting, "dead letter")} taken back`, {
          description: "They wait again, to be sent or discarded.",
        });
      },
      onError: (error) => notifyError("Nothing was taken back", error),
    }),
  );
}
