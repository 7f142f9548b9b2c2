"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, Trash2 } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { useHasRole, useMe } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Popover } from "../ui/popover";
import { Switch } from "../ui/switch";
import { notifyDone, notifyError } from "../ui/toast";

/** Filters under a name, one's own and those that others share: chosen, kept and removed. */
export function SavedViews({ path, query }: { path: string; query: string }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const me = useMe();
  const mayShare = useHasRole("editor");
  const [open, setOpen] = useState(false);
  const [shared, setShared] = useState(false);
  const views = useQuery(trpc.savedViews.list.queryOptions({ page: "runs" }));
  const reload = () => queries.invalidateQueries({ queryKey: trpc.savedViews.pathKey() });
  const save = useMutation(trpc.savedViews.save.mutationOptions());
  const remove = useMutation(trpc.savedViews.remove.mutationOptions());

  async function keep(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "").trim();
    if (!name) return;
    try {
      await save.mutateAsync({ page: "runs", name, query, shared });
      await reload();
      setOpen(false);
      notifyDone(`Kept as “${name}”`);
    } catch (error) {
      notifyError("The view was not kept", error);
    }
  }
  async function forget(id: string) {
    try {
      await remove.mutateAsync({ id });
      await reload();
    } catch (error) {
      notifyError("The view was not removed", error);
    }
  }

  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button size="sm" variant="ghost" icon={<Bookmark />}>
          Views
        </Button>
      }
    >
      <div className="flex min-w-56 flex-col gap-3">
        {views.data?.length ? (
          <ul aria-label="Views" className="-mx-1 flex flex-col">
            {views.data.map((view) => (
              <li key={view.id} className="group flex items-center gap-1 rounded-sm pr-1 hover:bg-hover">
                <Link
                  href={`${path}${view.query}`}
                  onClick={() => setOpen(false)}
                  aria-current={view.query === query ? "true" : undefined}
                  className="min-w-0 flex-1 truncate px-2 py-1 aria-[current]:font-medium"
                >
                  {view.name}
                  {view.shared ? (
                    <span className="text-12 text-faint"> · {view.mine ? "shared" : `by ${view.by}`}</span>
                  ) : null}
                </Link>
                {view.mine || me.role === "admin" ? (
                  <IconButton label={`Remove ${view.name}`} size="sm" onClick={() => void forget(view.id)}>
                    <Trash2 />
                  </IconButton>
                ) : null}
              </li>
            ))}
          </ul>
        ) : (
          <p className="text-12 text-muted">A filter that you use often can be kept here under a name.</p>
        )}
        {query ? (
          <form onSubmit={(event) => void keep(event)} className="flex flex-col gap-2 border-t pt-3">
            <Field label="Keep this filter as">
              {(field) => <Input {...field} name="name" maxLength={80} placeholder="Dead in the last hour" />}
            </Field>
            {mayShare ? (
              <span className="flex items-center gap-2 text-12 text-muted">
                <Switch id="share-view" checked={shared} onCheckedChange={setShared} />
                <label htmlFor="share-view">Everybody sees it</label>
              </span>
            ) : null}
            <Button type="submit" busy={save.isPending}>
              Keep
            </Button>
          </form>
        ) : (
          <p className="text-12 text-faint">Choose a filter first to keep it.</p>
        )}
      </div>
    </Popover>
  );
}
