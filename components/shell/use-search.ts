import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/context";
import { useTyped } from "../ui/use-typed";

const shortest = 2;

/** Where a text stands in all drafts, asked for once a person stops typing for a moment. */
export function useSearch(text: string, open: boolean) {
  const trpc = useTRPC();
  const typed = text.trim();
  const asked = useTyped(typed);
  const enabled = open && asked.length >= shortest;
  const answer = useQuery({
    ...trpc.flows.search.queryOptions({ text: asked }),
    enabled,
    placeholderData: keepPreviousData,
  });
  return {
    found: enabled ? answer.data : undefined,
    error: enabled ? answer.error : null,
    /** Nothing was asked yet, or the answer is on its way. */
    waits: typed.length >= shortest && (asked !== typed || answer.isFetching),
    tooShort: typed.length < shortest,
  };
}
