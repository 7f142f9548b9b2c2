"use client";

import { CircleHelp, Plus, Trash2 } from "lucide-react";
import { useId, useMemo } from "react";
import { InlineCode } from "../drawing/inline-code";
import { Button, IconButton } from "../ui/button";
import { Tooltip } from "../ui/tooltip";
import { FieldList } from "./config-form";
import { type FormEnvironment, FormEnvironmentProvider, useFieldProblem, useFormEnvironment } from "./environment";
import { type FieldModel, startOfGroup } from "./model";

/** Fields that belong together, as a card with their title. One that may be absent is added by its button, and removed again. */
export function FormGroup({
  field,
  path,
  value,
  onChange,
}: {
  field: FieldModel;
  path: string;
  value: unknown;
  onChange(path: string, value: unknown): void;
}) {
  const environment = useFormEnvironment();
  const { readOnly } = environment;
  const inside = useMemo((): FormEnvironment => {
    const { groupScopes, scope } = environment;
    return { ...environment, scope: groupScopes && path in groupScopes ? groupScopes[path]! : scope };
  }, [environment, path]);
  const problem = useFieldProblem(path);
  const id = useId();
  const parts = field.parts ?? [];
  const optional = !field.required && field.initial === undefined;
  const config = isObject(value) ? value : undefined;
  const words = field.title.charAt(0).toLowerCase() + field.title.slice(1);
  const help = field.help ? (
    <Tooltip content={<InlineCode text={field.help} />}>
      <button type="button" aria-label={`Help on ${words}`} className="rounded-sm text-faint hover:text-text">
        <CircleHelp className="size-3.5" />
      </button>
    </Tooltip>
  ) : null;
  if (optional && !config) {
    return (
      <section aria-labelledby={id} className="rounded-lg border border-dashed border-line-strong p-3">
        <div className="flex items-center gap-1">
          <h3 id={id} className="font-medium text-muted">
            {field.title}
          </h3>
          {help}
          {readOnly ? (
            <span className="ml-auto text-12 text-faint">none</span>
          ) : (
            <Button size="sm" className="ml-auto" icon={<Plus />} onClick={() => onChange(path, startOfGroup(parts))}>
              Add {words}
            </Button>
          )}
        </div>
        {problem ? (
          <p className="mt-1 break-words text-12 text-bad">
            <InlineCode text={problem.message} />
          </p>
        ) : null}
      </section>
    );
  }
  return (
    <section aria-labelledby={id} className="rounded-lg border border-line">
      <div className="flex h-9 items-center gap-1 border-b border-line pr-1.5 pl-3">
        <h3 id={id} className="font-semibold">
          {field.title}
        </h3>
        {help}
        {optional && !readOnly ? (
          <IconButton
            label={`Remove ${words}`}
            size="sm"
            side="left"
            className="ml-auto"
            onClick={() => onChange(path, undefined)}
          >
            <Trash2 className="!size-3.5" />
          </IconButton>
        ) : null}
      </div>
      <div className="p-3">
        {problem ? (
          <p className="mb-3 break-words text-12 text-bad">
            <InlineCode text={problem.message} />
          </p>
        ) : null}
        <FormEnvironmentProvider value={inside}>
          <FieldList fields={parts} config={config ?? {}} under={path} onChange={onChange} />
        </FormEnvironmentProvider>
      </div>
    </section>
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
