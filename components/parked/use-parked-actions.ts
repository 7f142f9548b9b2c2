"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../trpc/context";
import { formatPlural } from "../ui/formats";
import { notifyDone } from "../ui/toast";

/** Some by id, or all of a flow (and node). */
export type ParkedChoice = { ids: string[] } | { flow: string; node?: string };

/** Trying now and giving up, each with what it did in words; both reject with the refusal. */
export function useParkedActions() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const readAgain = () => queries.invalidateQueries({ queryKey: trpc.parked.pathKey() });
  const now = useMutation(trpc.parked.tryNow.mutationOptions());
  const giving = useMutation(trpc.parked.giveUp.mutationOptions());
  return {
    busy: now.isPending,
    async tryNow(choice: ParkedChoice) {
      const { due } = await now.mutateAsync(choice);
      await readAgain();
      notifyDone(due === 0 ? "Already due" : `${formatPlural(due, "message is", "messages are")} due now`, {
        description: "A worker tries within a second; those behind of the same key follow.",
      });
    },
    async giveUp(choice: ParkedChoice) {
      const { givenUp } = await giving.mutateAsync(choice);
      await readAgain();
      notifyDone(`${formatPlural(givenUp, "message")} given up`);
    },
  };
}
