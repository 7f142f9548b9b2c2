"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark } from "lucide-react";
import { useState } from "react";
import type { SavedViewView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Popover } from "../ui/popover";
import { notifyDone, notifyError } from "../ui/toast";
import { KeepViewForm } from "./keep-view-form";
import { readFilter, writeFilter } from "./run-filter";
import { SavedViewRow } from "./saved-view-row";

/** Of which list: runs of all flows, or of one, whichever, which leave the flow out. */
export type ViewsPage = "runs" | "flow-runs";

/** Filters under a name, one's own and those that others share: opened, kept, renamed and removed. The open one is named on the button. */
export function SavedViews({
  page,
  path,
  query,
  openId,
}: {
  page: ViewsPage;
  path: string;
  /** Of the filter that is shown. */
  query: string;
  openId: string | null;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const mayShare = useHasRole("editor");
  const [popped, setPopped] = useState(false);
  const views = useQuery(trpc.savedViews.list.queryOptions({ page }));
  const save = useMutation(trpc.savedViews.save.mutationOptions());
  const listed = views.data ?? [];
  const open = listed.find(({ id }) => id === openId);
  const changed = open !== undefined && sameForm(open.query) !== query;

  async function keep({ name, shared }: { name: string; shared: boolean }) {
    try {
      await save.mutateAsync({ page, name, query, shared });
      await queries.invalidateQueries({ queryKey: trpc.savedViews.pathKey() });
      setPopped(false);
      notifyDone(`Kept as “${name}”`);
    } catch (error) {
      notifyError("The view was not kept", error);
    }
  }

  return (
    <span className="flex min-w-0 shrink-0 items-center gap-1">
      {/* What another shares is kept under a name of one's own. */}
      {changed && query && open.mine ? (
        <Button
          size="sm"
          variant="ghost"
          className="!text-accent"
          busy={save.isPending}
          title={`Keep this filter as “${open.name}”`}
          onClick={() => void keep(open)}
        >
          Changed — keep
        </Button>
      ) : changed ? (
        <span className="text-12 text-muted">Changed</span>
      ) : null}
      <Popover
        open={popped}
        onOpenChange={setPopped}
        align="end"
        trigger={
          <Button size="sm" variant="ghost" icon={<Bookmark className={open ? "fill-current" : undefined} />}>
            {open ? (
              <>
                <span className="sr-only">Views: </span>
                <span className="max-w-40 truncate text-text">{open.name}</span>
              </>
            ) : (
              "Views"
            )}
          </Button>
        }
      >
        <div className="flex min-w-56 flex-col gap-3">
          {listed.length > 0 ? (
            <ul aria-label="Views" className="-mx-1 flex flex-col">
              {listed.map((view) => (
                <SavedViewRow
                  key={view.id}
                  view={view}
                  href={`${path}${hrefOf(view)}`}
                  current={view.id === openId}
                  onOpen={() => setPopped(false)}
                />
              ))}
            </ul>
          ) : (
            <p className="text-12 text-muted">A filter that you use often can be kept here under a name.</p>
          )}
          {query ? (
            <KeepViewForm busy={save.isPending} mayShare={mayShare} onKeep={(view) => void keep(view)} />
          ) : (
            <p className="text-12 text-faint">Choose a filter first to keep it.</p>
          )}
        </div>
      </Popover>
    </span>
  );
}

/** As this page would write it. */
const sameForm = (query: string) => writeFilter(readFilter(new URLSearchParams(query)));

const hrefOf = ({ id, query }: SavedViewView) => `${sameForm(query) || "?"}${sameForm(query) ? "&" : ""}view=${id}`;
