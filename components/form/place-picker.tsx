"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { ChevronDown, ChevronRight } from "lucide-react";
import { Popover } from "radix-ui";
import { useEffect, useId, useRef, useState } from "react";
import type { Place } from "@/flow/connection-ports";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { messageOfError } from "../ui/error-words";
import type { FieldControl } from "../ui/field";
import { formatCompact, formatPlural } from "../ui/formats";
import { inputClass } from "../ui/input";
import { notifyDone } from "../ui/toast";
import { useFieldProblem, useFormEnvironment } from "./environment";
import { NewestMessages } from "./newest-messages";

/** Names a topic or a queue: lists what the broker has, creates a topic, shows the last messages. */
export function PlacePicker(props: {
  control: FieldControl;
  type: "topic" | "queue";
  path: string;
  connection: string | undefined;
  value: string;
  placeholder: string | undefined;
  onChange(value: string): void;
}) {
  const { control, type, connection, value, onChange } = props;
  const trpc = useTRPC();
  const { readOnly, wanted } = useFormEnvironment();
  const problem = useFieldProblem(props.path);
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [index, setIndex] = useState(-1);
  const places = useQuery({
    ...trpc.connections.places.queryOptions({ name: connection ?? "" }),
    enabled: Boolean(connection),
    staleTime: 10_000,
  });
  useEffect(() => {
    if (wanted === props.path) input.current?.focus();
  }, [wanted, props.path]);

  const all = places.data?.places ?? [];
  const fitting = all.filter((place) => place.name.toLowerCase().includes(value.toLowerCase()));
  // A name that is whole is no search: then the others are offered too.
  const offered = all.some((place) => place.name === value) ? all : fitting;
  const literal = value !== "" && !value.includes("${");
  const found = all.find((place) => place.name === value);
  const missing = literal && places.data !== undefined && !places.data.more && !found;

  const choose = (place: Place) => {
    onChange(place.name);
    setOpen(false);
  };
  return (
    <div>
      <Popover.Root open={open && !readOnly && (offered.length > 0 || places.isPending)} onOpenChange={setOpen}>
        <Popover.Anchor asChild>
          <div className="relative">
            <input
              {...control}
              ref={input}
              role="combobox"
              aria-expanded={open}
              aria-controls={listId}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              readOnly={readOnly}
              placeholder={props.placeholder}
              className={clsx(inputClass, "h-[30px] pr-8 font-mono")}
              value={value}
              onFocus={() => setOpen(true)}
              onClick={() => setOpen(true)}
              onBlur={() => setOpen(false)}
              onChange={(event) => {
                onChange(event.target.value);
                setIndex(-1);
                setOpen(true);
              }}
              onKeyDown={(event) => {
                if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                  event.preventDefault();
                  setOpen(true);
                  const step = event.key === "ArrowDown" ? 1 : -1;
                  setIndex((before) => (before + step + offered.length) % Math.max(1, offered.length));
                } else if (event.key === "Enter" && open && offered[index]) {
                  event.preventDefault();
                  choose(offered[index]);
                } else if (event.key === "Escape" && open) {
                  event.stopPropagation();
                  setOpen(false);
                }
              }}
            />
            <ChevronDown className="pointer-events-none absolute right-2 top-[7px] size-4 text-muted" aria-hidden />
          </div>
        </Popover.Anchor>
        <Popover.Portal>
          <Popover.Content
            align="start"
            sideOffset={4}
            onOpenAutoFocus={(event) => event.preventDefault()}
            onCloseAutoFocus={(event) => event.preventDefault()}
            onInteractOutside={(event) => {
              if (event.target === input.current) event.preventDefault();
            }}
            className="thin-scroll z-50 max-h-64 w-(--radix-popover-trigger-width) overflow-auto rounded-md border border-line bg-raised p-1 shadow-float"
          >
            <div id={listId} role="listbox" aria-label={type === "topic" ? "Topics" : "Queues"}>
              {places.isPending ? <p className="px-2 py-1 text-12 text-faint">Asking the broker…</p> : null}
              {offered.map((place, position) => (
                <div
                  key={place.name}
                  role="option"
                  tabIndex={-1}
                  aria-selected={position === index}
                  className="flex cursor-pointer items-center justify-between gap-3 rounded-sm px-2 py-1 hover:bg-hover aria-selected:bg-hover"
                  // Before the field loses the focus, or the list would be gone.
                  onPointerDown={(event) => {
                    event.preventDefault();
                    choose(place);
                  }}
                >
                  <span className="truncate font-mono">{place.name}</span>
                  <span className="shrink-0 text-12 text-faint">{describePlace(place)}</span>
                </div>
              ))}
            </div>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {places.isError ? <p className="mt-1 text-12 text-warn">{messageOfError(places.error)}</p> : null}
      {type === "topic" && connection && (missing || problem?.code === "topic-missing") ? (
        <CreateTopic connection={connection} topic={value} said={problem !== undefined} />
      ) : null}
      {missing && type === "queue" ? (
        <p className="mt-1 text-12 text-muted">New: the queue is made with its first job.</p>
      ) : null}
      {found && connection ? <LastMessages connection={connection} place={found} /> : null}
    </div>
  );
}

function describePlace(place: Place): string {
  if (place.type === "topic") return place.partitions ? formatPlural(place.partitions, "partition") : "";
  const waiting = place.counts?.waiting ?? place.messages;
  return waiting === undefined ? "" : `${formatCompact(waiting)} waiting`;
}

/** A topic that the broker does not have, made here with as many partitions as one wants. */
function CreateTopic({ connection, topic, said }: { connection: string; topic: string; said: boolean }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { readOnly, onPlacesChanged } = useFormEnvironment();
  const mayCreate = useHasRole("operator");
  const [partitions, setPartitions] = useState(4);
  const create = useMutation(
    trpc.connections.createTopic.mutationOptions({
      async onSuccess() {
        notifyDone(`Topic ${topic} was created`, { description: formatPlural(partitions, "partition") });
        await queries.invalidateQueries({ queryKey: trpc.connections.places.queryKey() });
        onPlacesChanged();
      },
    }),
  );
  if (readOnly) return null;
  return (
    <div className="mt-2 rounded-md bg-sunken px-2.5 py-2 text-12">
      {said ? null : (
        <p className="mb-1.5">
          The broker has no topic <span className="font-mono">{topic}</span>.
        </p>
      )}
      {mayCreate ? (
        <div className="flex items-center gap-2">
          <Button
            size="sm"
            variant="primary"
            busy={create.isPending}
            onClick={() => create.mutate({ name: connection, topic, partitions })}
          >
            Create topic
          </Button>
          <label className="flex items-center gap-1.5 text-muted">
            with
            <input
              type="number"
              min={1}
              max={1000}
              value={partitions}
              onChange={(event) => setPartitions(Math.max(1, Number(event.target.value) || 1))}
              className={clsx(inputClass, "!h-6 !w-14 !py-0 font-mono !text-12")}
            />
            partitions
          </label>
        </div>
      ) : (
        <p className="text-muted">An operator can create it.</p>
      )}
      {create.isError ? <p className="mt-1 text-bad">{messageOfError(create.error)}</p> : null}
    </div>
  );
}

function LastMessages({ connection, place }: { connection: string; place: Place }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="mt-1">
      <button
        type="button"
        aria-expanded={open}
        className="flex items-center gap-1 text-12 text-muted hover:text-text"
        onClick={() => setOpen(!open)}
      >
        <ChevronRight className={clsx("size-3.5 transition-transform", open && "rotate-90")} aria-hidden />
        Last messages
        <span className="text-faint">{describePlace(place)}</span>
      </button>
      {open ? <NewestMessages connection={connection} place={place.name} /> : null}
    </div>
  );
}
