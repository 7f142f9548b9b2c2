"use client";

import { useQuery } from "@tanstack/react-query";
import { Database, Plus } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { findConnectionKind } from "@/flow/connection-catalog";
import { joinWords } from "@/flow/issues";
import type { PlaceKind } from "@/flow/place";
import { PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { SearchInput } from "../ui/input";
import { LoadError } from "../ui/query-states";
import { Select } from "../ui/select";
import { SkeletonRows } from "../ui/skeleton";
import { useTyped } from "../ui/use-typed";
import { CreatePlaceDialog } from "./create-place-dialog";
import { PlacePanel } from "./place-panel";
import { PlaceTable } from "./place-table";

/** The places of each broker: topics, queues, streams; how much they hold, and their newest messages. */
export function BrokersPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const mayCreate = useHasRole("operator");
  const connections = useQuery(trpc.connections.list.queryOptions());
  const brokers = (connections.data ?? []).filter(({ kind }) => findConnectionKind(kind)?.places.length);
  const current = brokers.find((connection) => connection.name === params.get("connection")) ?? brokers[0];
  const place = params.get("place");
  const [text, setText] = useState("");
  const [creating, setCreating] = useState<PlaceKind | null>(null);
  const places = useQuery(
    trpc.connections.places.queryOptions(
      { name: current?.name ?? "", prefix: "" },
      { enabled: current !== undefined, refetchInterval: 5_000 },
    ),
  );
  function setAddress(change: Record<string, string | null>) {
    const next = new URLSearchParams(params.toString());
    for (const [name, value] of Object.entries(change)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    router.replace(`${path}${next.size ? `?${next}` : ""}`, { scroll: false });
  }
  const kinds = findConnectionKind(current?.kind ?? "")?.places ?? [];
  /** `topics`, `queues and exchanges`. */
  const plural = joinWords(
    kinds.map((kind) => kind.plural.toLowerCase()),
    "and",
  );
  const typed = text.trim();
  const listed = (places.data?.places ?? []).filter((each) => each.name.toLowerCase().includes(typed.toLowerCase()));
  // A broker that lists none tells of a name that is whole.
  const asked = useQuery(
    trpc.connections.places.queryOptions(
      { name: current?.name ?? "", prefix: useTyped(typed) },
      { enabled: places.data?.unlisted === true && typed !== "", refetchInterval: 5_000 },
    ),
  );
  const shown = places.data?.unlisted && typed !== "" ? (asked.data?.places ?? []) : listed;
  const createButtons = mayCreate
    ? kinds
        .filter(({ create }) => create)
        .map((kind) => (
          <Button key={kind.type} variant="primary" icon={<Plus />} onClick={() => setCreating(kind)}>
            Create {kind.type}
          </Button>
        ))
    : [];

  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Brokers">
        {brokers.length > 0 ? (
          <>
            <SearchInput
              label={`Search ${plural}`}
              value={text}
              onChange={(event) => setText(event.target.value)}
              className="w-52 min-w-24"
            />
            <Select
              label="Connection"
              mono
              className="!w-48"
              value={current?.name}
              onValueChange={(name) => setAddress({ connection: name, place: null })}
              options={brokers.map((connection) => ({
                value: connection.name,
                label: connection.name,
                hint: findConnectionKind(connection.kind)?.label ?? "",
              }))}
            />
            {createButtons}
          </>
        ) : null}
      </PageHeader>
      <div className="flex min-h-0 flex-1">
        <div className="thin-scroll min-h-0 min-w-0 flex-1 overflow-auto">
          {connections.isPending || (current && places.isPending) ? <SkeletonRows rows={8} /> : null}
          {connections.error ? (
            <LoadError what="The connections" error={connections.error} onRetry={() => void connections.refetch()} />
          ) : null}
          {connections.data && brokers.length === 0 ? (
            <EmptyState
              icon={<Database />}
              title="No broker is connected"
              action={
                <ButtonLink href="/connections" variant="primary">
                  Open connections
                </ButtonLink>
              }
            >
              Add a connection to a broker; its topics, queues or streams are listed here with their newest messages.
            </EmptyState>
          ) : null}
          {places.error ? (
            <LoadError what={`The ${plural}`} error={places.error} onRetry={() => void places.refetch()} />
          ) : null}
          {places.data && shown.length === 0 && !(asked.isEnabled && asked.isPending) ? (
            <EmptyState
              icon={<Database />}
              title={
                typed
                  ? `Nothing matches “${typed}”`
                  : places.data.unlisted
                    ? `${current?.name} does not list its ${plural}`
                    : `No ${plural} yet`
              }
              action={text ? <Button onClick={() => setText("")}>Show all</Button> : createButtons}
            >
              {typed
                ? null
                : places.data.unlisted
                  ? "Type a whole name into the search above to see what is there."
                  : [...new Set(kinds.map(({ origin }) => origin))].join(" ")}
            </EmptyState>
          ) : null}
          {shown.length > 0 ? (
            <PlaceTable places={shown} kinds={kinds} current={place} onOpen={(name) => setAddress({ place: name })} />
          ) : null}
          {places.data?.more ? (
            <p className="px-4 py-2 text-12 text-faint">The first 200 are shown. Type above to search among them.</p>
          ) : null}
        </div>
        {current && place ? (
          <PlacePanel
            key={`${current.name} ${place}`}
            connection={current.name}
            place={place}
            onClose={() => setAddress({ place: null })}
          />
        ) : null}
      </div>
      {creating && current ? (
        <CreatePlaceDialog
          connection={current.name}
          kind={creating}
          onClose={() => setCreating(null)}
          onCreated={(name) => {
            setCreating(null);
            setAddress({ place: name });
          }}
        />
      ) : null}
    </div>
  );
}
