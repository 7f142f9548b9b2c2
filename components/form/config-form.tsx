"use client";

import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import { useEffect, useId, useState } from "react";
import type { z } from "zod";
import { useFormEnvironment } from "./environment";
import { FormField } from "./form-field";
import { type FieldModel, fieldsOf, isShown } from "./model";

/** The form of a config, made from its schema: required fields first, advanced ones folded. */
export function ConfigForm({
  schema,
  config,
  onChange,
}: {
  schema: z.ZodType;
  config: Readonly<Record<string, unknown>>;
  onChange(field: string, value: unknown): void;
}) {
  const fields = fieldsOf(schema).filter((field, _, all) => isShown(field, config, all));
  const plain = fields.filter((field) => !field.advanced);
  const advanced = fields.filter((field) => field.advanced);
  const show = (field: FieldModel) => (
    <FormField
      key={field.name}
      field={field}
      value={config[field.name]}
      connection={text(config.connection) ?? text(fields.find(({ name }) => name === "connection")?.initial)}
      onChange={(value) => onChange(field.name, value)}
    />
  );
  return (
    <div className="flex flex-col gap-4">
      {plain.map(show)}
      {advanced.length > 0 ? <Advanced fields={advanced}>{advanced.map(show)}</Advanced> : null}
    </div>
  );
}

/** Folded until asked for, or until something in it is wrong or wanted. */
function Advanced({ fields, children }: { fields: readonly FieldModel[]; children: React.ReactNode }) {
  const { problems, wanted } = useFormEnvironment();
  const id = useId();
  const [open, setOpen] = useState(false);
  const names = fields.map((field) => field.name);
  const holds = (path: string | undefined | null) => names.includes(path?.split(".")[0] ?? "");
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

const text = (value: unknown) => (typeof value === "string" ? value : undefined);
