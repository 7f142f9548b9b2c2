"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Pencil, Trash2 } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useRef, useState } from "react";
import type { SavedViewView } from "@/server/views";
import { useMe } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { IconButton } from "../ui/button";
import { Input } from "../ui/input";
import { notifyError } from "../ui/toast";

/** The same each time, so that the focus is taken as the field appears and not again. */
const focusOnce = (input: HTMLInputElement | null) => input?.focus();

/** A view by its name; one's own is renamed in place, or removed. */
export function SavedViewRow({
  view,
  href,
  current,
  onOpen,
}: {
  view: SavedViewView;
  href: string;
  current: boolean;
  onOpen(): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const me = useMe();
  const [naming, setNaming] = useState(false);
  const rename = useMutation(trpc.savedViews.rename.mutationOptions());
  const remove = useMutation(trpc.savedViews.remove.mutationOptions());
  // The field is gone then: the focus goes back to what opened it.
  const wasNaming = useRef(false);
  function stopNaming() {
    wasNaming.current = true;
    setNaming(false);
  }
  const focusAfter = (button: HTMLButtonElement | null) => {
    if (button && wasNaming.current) button.focus();
    if (button) wasNaming.current = false;
  };
  const reload = () => queries.invalidateQueries({ queryKey: trpc.savedViews.pathKey() });

  async function give(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "").trim();
    if (!name || name === view.name) return stopNaming();
    try {
      await rename.mutateAsync({ id: view.id, name });
      await reload();
      stopNaming();
    } catch (error) {
      notifyError("The view was not renamed", error);
    }
  }
  async function forget() {
    try {
      await remove.mutateAsync({ id: view.id });
      await reload();
    } catch (error) {
      notifyError("The view was not removed", error);
    }
  }

  if (naming)
    return (
      <li className="px-1 py-0.5">
        <form onSubmit={(event) => void give(event)} className="flex items-center gap-1">
          <Input
            aria-label={`New name of ${view.name}`}
            name="name"
            defaultValue={view.name}
            maxLength={80}
            className="!h-6"
            ref={focusOnce}
            onFocus={({ target }) => target.select()}
            data-takes-escape
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.stopPropagation();
              stopNaming();
            }}
          />
          <IconButton label="Rename" type="submit" size="sm" disabled={rename.isPending}>
            <Check />
          </IconButton>
        </form>
      </li>
    );
  return (
    <li className="group flex items-center gap-0.5 rounded-sm pr-1 hover:bg-hover">
      <Link
        href={href}
        onClick={onOpen}
        aria-current={current ? "true" : undefined}
        className="min-w-0 flex-1 truncate px-2 py-1 aria-[current]:font-medium aria-[current]:text-accent"
      >
        {view.name}
        {view.shared ? (
          <span className="text-12 font-normal text-faint"> · {view.mine ? "shared" : `by ${view.by}`}</span>
        ) : null}
      </Link>
      {view.mine || me.role === "admin" ? (
        <>
          <IconButton ref={focusAfter} label={`Rename ${view.name}`} size="sm" onClick={() => setNaming(true)}>
            <Pencil className="!size-3.5" />
          </IconButton>
          <IconButton label={`Remove ${view.name}`} size="sm" onClick={() => void forget()}>
            <Trash2 className="!size-3.5" />
          </IconButton>
        </>
      ) : null}
    </li>
  );
}
