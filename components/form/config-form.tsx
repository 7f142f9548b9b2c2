"use client";

import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import { useEffect, useId, useState } from "react";
import type { z } from "zod";
import { findPlaceKind } from "@/flow/connection-catalog";
import { useFormEnvironment } from "./environment";
import { FormField } from "./form-field";
import { FormGroup } from "./form-group";
import { connectionKindOf, connectionOf, type FieldModel, fieldsOf, holds, isShown } from "./model";

/** The form of a config, made from its schema: required fields first, advanced ones folded, groups as cards. */
export function ConfigForm({
  schema,
  config,
  onChange,
}: {
  schema: z.ZodType;
  config: Readonly<Record<string, unknown>>;
  /** `path` of the field that changes: `topic`, `action.topic`. */
  onChange(path: string, value: unknown): void;
}) {
  return <FieldList fields={fieldsOf(schema)} config={config} onChange={onChange} />;
}

/** Fields of a config, or of a group in it, which `under` names. */
export function FieldList({
  fields,
  config,
  under = "",
  onChange,
}: {
  fields: readonly FieldModel[];
  config: Readonly<Record<string, unknown>>;
  under?: string;
  onChange(path: string, value: unknown): void;
}) {
  const shown = fields.filter((field) => isShown(field, config, fields));
  const plain = shown.filter((field) => !field.advanced);
  const advanced = shown.filter((field) => field.advanced);
  const pathOf = (field: FieldModel) => (under === "" ? field.name : `${under}.${field.name}`);
  const connection = connectionOf(config, fields);
  /** Another way of calling needs a connection of another kind: the one that was chosen goes with it. */
  const change = (field: FieldModel, path: string, value: unknown) => {
    const follows = field.name === "call" && fields.find((each) => each.connectionByCall);
    if (!follows || config[follows.name] === undefined) return onChange(path, value);
    const { [follows.name]: _gone, ...rest } = config;
    onChange(under, { ...rest, [field.name]: value });
  };
  const show = (field: FieldModel) => {
    const path = pathOf(field);
    if (field.widget === "group") {
      return <FormGroup key={path} field={field} path={path} value={config[field.name]} onChange={onChange} />;
    }
    return (
      <FormField
        key={path}
        field={field}
        path={path}
        value={config[field.name]}
        connection={connection}
        connectionKind={field.widget === "connection" ? connectionKindOf(field, config, fields) : undefined}
        place={placeOf(field, config, fields)}
        onChange={(value) => change(field, path, value)}
      />
    );
  };
  return (
    <div className="flex flex-col gap-4">
      {plain.map(show)}
      {advanced.length > 0 ? <Advanced paths={advanced.map(pathOf)}>{advanced.map(show)}</Advanced> : null}
    </div>
  );
}

/** Of a field that names a place: what the connection's kind says of such places, and whether the node makes a missing one. */
function placeOf(field: FieldModel, config: Readonly<Record<string, unknown>>, all: readonly FieldModel[]) {
  const connection = field.place && all.find(({ widget }) => widget === "connection");
  const kind = connection && findPlaceKind(connectionKindOf(connection, config, all), field.place!);
  return kind && { kind, made: field.madeWhen !== undefined && holds(field.madeWhen, config, all) };
}

/** Folded until asked for, or until something in it is wrong or wanted. */
function Advanced({ paths, children }: { paths: readonly string[]; children: React.ReactNode }) {
  const { problems, wanted } = useFormEnvironment();
  const id = useId();
  const [open, setOpen] = useState(false);
  const holds = (path: string | undefined | null) => paths.some((own) => path === own || path?.startsWith(`${own}.`));
  const wrong = problems.some((problem) => holds(problem.field));
  useEffect(() => {
    if (wrong || holds(wanted)) setOpen(true);
  });
  return (
    <section>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        className="flex items-center gap-1 font-medium text-muted hover:text-text"
        onClick={() => setOpen(!open)}
      >
        <ChevronRight className={clsx("size-4 transition-transform", open && "rotate-90")} aria-hidden />
        Advanced
      </button>
      {open ? (
        <div id={id} className="mt-3 flex flex-col gap-4">
          {children}
        </div>
      ) : null}
    </section>
  );
}
