"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { ChevronDown, ChevronRight } from "lucide-react";
import { Popover } from "radix-ui";
import { useEffect, useId, useRef, useState } from "react";
import type { Place } from "@/flow/connection-ports";
import type { PlaceKind } from "@/flow/place";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { messageOfError } from "../ui/error-words";
import type { FieldControl } from "../ui/field";
import { formatCompact, formatPlural } from "../ui/formats";
import { inputClass } from "../ui/input";
import { notifyDone } from "../ui/toast";
import { useFieldProblem, useFormEnvironment } from "./environment";
import type { FieldModel } from "./model";
import { quickOptionsOf } from "./new-place";
import { NewestMessages } from "./newest-messages";
import { useBrokerPlaces } from "./use-broker-places";

/** Names a place on a broker: lists what is there, creates one where that can be done, shows the last messages. */
export function PlacePicker(props: {
  control: FieldControl;
  kind: PlaceKind;
  /** The node makes a missing one itself. */
  made: boolean;
  /** What is chosen when one is made for this field. */
  options: FieldModel["placeOptions"];
  path: string;
  connection: string | undefined;
  value: string;
  placeholder: string | undefined;
  onChange(value: string): void;
}) {
  const { control, kind, made, connection, value, onChange } = props;
  const { readOnly, wanted } = useFormEnvironment();
  const problem = useFieldProblem(props.path);
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [index, setIndex] = useState(-1);
  const { list: places, all, found, missing } = useBrokerPlaces(connection, kind, value);
  useEffect(() => {
    if (wanted === props.path) input.current?.focus();
  }, [wanted, props.path]);

  const fitting = all.filter((place) => place.name.toLowerCase().includes(value.toLowerCase()));
  // A name that is whole is no search: then the others are offered too.
  const offered = all.some((place) => place.name === value) ? all : fitting;

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
            <div id={listId} role="listbox" aria-label={kind.plural}>
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
                  <span className="shrink-0 text-12 text-faint">{describePlace(kind, place)}</span>
                </div>
              ))}
            </div>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {places.isError ? <p className="mt-1 text-12 text-warn">{messageOfError(places.error)}</p> : null}
      {kind.create && kind.mustExist && !made && connection && (missing || problem?.code === `${kind.type}-missing`) ? (
        <CreatePlace
          connection={connection}
          kind={kind}
          name={value}
          chosen={props.options}
          said={problem !== undefined}
        />
      ) : null}
      {missing && kind.unmade && (made || !kind.mustExist) ? (
        <p className="mt-1 text-12 text-muted">{kind.unmade}</p>
      ) : null}
      {found && connection && kind.messages ? <LastMessages connection={connection} kind={kind} place={found} /> : null}
    </div>
  );
}

function describePlace({ messages: words }: PlaceKind, place: Place): string {
  if (place.partitions) return formatPlural(place.partitions, "partition");
  return words && place.messages !== undefined ? `${formatCompact(place.messages)} ${words.word}` : "";
}

/** A place that the broker does not have, made here with what a person chooses in a line. */
function CreatePlace(props: {
  connection: string;
  kind: PlaceKind;
  name: string;
  chosen: FieldModel["placeOptions"];
  said: boolean;
}) {
  const { connection, kind, name, chosen, said } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { readOnly, onPlacesChanged } = useFormEnvironment();
  const mayCreate = useHasRole("operator");
  const fields = quickOptionsOf(kind);
  const [options, setOptions] = useState<Record<string, number>>({});
  const numberOf = (field: FieldModel) => options[field.name] ?? Number(field.initial);
  const create = useMutation(
    trpc.connections.createPlace.mutationOptions({
      async onSuccess() {
        const description = fields.map((field) => `${numberOf(field)} ${field.unit}`).join(", ");
        notifyDone(`${kind.title} ${name} was created`, description ? { description } : {});
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
          The broker has no {kind.type} <span className="font-mono">{name}</span>.
        </p>
      )}
      {mayCreate ? (
        <div className="flex items-center gap-2">
          <Button
            size="sm"
            variant="primary"
            busy={create.isPending}
            onClick={() =>
              create.mutate({ name: connection, type: kind.type, place: name, options: { ...chosen, ...options } })
            }
          >
            Create {kind.type}
            {chosen ? ` as ${Object.values(chosen).join(", ")}` : ""}
          </Button>
          {fields.map((field) => (
            <label key={field.name} className="flex items-center gap-1.5 text-muted">
              with
              <input
                type="number"
                min={field.min}
                max={field.max}
                value={numberOf(field)}
                onChange={(event) => {
                  const number = Math.max(field.min ?? 1, Number(event.target.value) || 1);
                  setOptions((before) => ({ ...before, [field.name]: number }));
                }}
                className={clsx(inputClass, "!h-6 !w-14 !py-0 font-mono !text-12")}
              />
              {field.unit}
            </label>
          ))}
        </div>
      ) : (
        <p className="text-muted">An operator can create it.</p>
      )}
      {create.isError ? <p className="mt-1 text-bad">{messageOfError(create.error)}</p> : null}
    </div>
  );
}

function LastMessages({ connection, kind, place }: { connection: string; kind: PlaceKind; place: Place }) {
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
        <span className="text-faint">{describePlace(kind, place)}</span>
      </button>
      {open ? <NewestMessages connection={connection} place={place.name} /> : null}
    </div>
  );
}
