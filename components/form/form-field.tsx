"use client";

import { useEffect, useRef, useState } from "react";
import type { PlaceKind } from "@/flow/place";
import { InlineCode } from "../drawing/inline-code";
import { Field, type FieldControl } from "../ui/field";
import { Input, Textarea } from "../ui/input";
import { Select } from "../ui/select";
import { Switch } from "../ui/switch";
import { type Case, CasesField } from "./cases-field";
import { ConnectionSelect } from "./connection-select";
import { useFieldProblem, useFormEnvironment } from "./environment";
import { ExpressionField } from "./expression-field";
import type { FieldModel } from "./model";
import { NamesField } from "./names-field";
import { PairsField } from "./pairs-field";
import { PlacePicker } from "./place-picker";
import { SchemaField } from "./schema-field";

interface FormFieldProps {
  field: FieldModel;
  /** Where it stands in the config: `topic`, `action.topic`. */
  path: string;
  value: unknown;
  /** The connection that places are listed from. */
  connection: string | undefined;
  /** Of a connection: which kind fits. */
  connectionKind?: string | undefined;
  /** Of a place: which, and whether the node makes a missing one itself. */
  place?: { kind: PlaceKind; made: boolean } | undefined;
  onChange(value: unknown): void;
}

/** One field of a config with its label, help, control and error. */
export function FormField(props: FormFieldProps) {
  const { field, path } = props;
  const problem = useFieldProblem(path);
  return (
    <Field
      label={field.title}
      required={field.required}
      help={field.help ? <InlineCode text={field.help} /> : undefined}
      error={problem?.severity === "error" ? <InlineCode text={problem.message} /> : undefined}
      hint={
        problem?.severity === "warning" ? (
          <span className="text-warn">
            <span className="sr-only">Warning: </span>
            <InlineCode text={problem.message} />
          </span>
        ) : undefined
      }
      aside={field.required || field.advanced || hasUsual(field) ? undefined : "optional"}
    >
      {(control) => <Control {...props} control={control} />}
    </Field>
  );
}

function Control(props: FormFieldProps & { control: FieldControl }) {
  const { field, path, value, connection, connectionKind, place, onChange, control } = props;
  const { readOnly } = useFormEnvironment();
  const text = typeof value === "string" ? value : "";
  // An emptied field leaves the file, so that its default holds again.
  const changeText = (next: string) => onChange(next === "" && !field.required ? undefined : next);
  switch (field.widget) {
    case "expression":
    case "template":
      return (
        <ExpressionField
          id={control.id}
          label={field.title}
          path={path}
          value={text}
          onChange={changeText}
          placeholder={field.placeholder}
          holes={field.widget === "template"}
          variables={field.variables}
          expects={field.expects}
          describedBy={control["aria-describedby"]}
        />
      );
    case "connection":
      return (
        <ConnectionSelect control={control} kind={connectionKind} value={text || connection} onChange={onChange} />
      );
    case "place":
      if (!place) return <TextInput field={field} path={path} value={text} onChange={changeText} control={control} />;
      return (
        <PlacePicker
          control={control}
          kind={place.kind}
          made={place.made}
          options={field.placeOptions}
          path={path}
          connection={connection}
          value={text}
          placeholder={field.placeholder}
          onChange={changeText}
        />
      );
    case "cases":
      return <CasesField field={field} path={path} value={(value as Case[] | undefined) ?? []} onChange={onChange} />;
    case "names":
      return (
        <NamesField path={path} title={field.title} value={(value as string[] | undefined) ?? []} onChange={onChange} />
      );
    case "assignments":
    case "key-values":
      return (
        <PairsField
          field={field}
          path={path}
          value={(value as Record<string, string> | undefined) ?? {}}
          onChange={onChange}
        />
      );
    case "select":
    case "method":
      return (
        <Select
          {...control}
          mono={field.widget === "method"}
          value={String(value ?? field.initial ?? "")}
          onValueChange={onChange}
          options={field.options ?? []}
          disabled={readOnly}
        />
      );
    case "switch":
      return (
        <Switch
          {...control}
          checked={(value ?? field.initial) === true}
          onCheckedChange={onChange}
          disabled={readOnly}
        />
      );
    case "number":
      return <NumberInput field={field} path={path} value={value} onChange={onChange} control={control} />;
    case "schema":
      return <SchemaField control={control} value={value} placeholder={placeholderOf(field)} onChange={onChange} />;
    case "textarea":
      return (
        <Textarea
          {...control}
          value={text}
          readOnly={readOnly}
          placeholder={placeholderOf(field)}
          onChange={(event) => changeText(event.target.value)}
        />
      );
    default:
      return <TextInput field={field} path={path} value={text} onChange={changeText} control={control} />;
  }
}

function TextInput(props: {
  field: FieldModel;
  path: string;
  value: string;
  onChange(value: string): void;
  control: FieldControl;
}) {
  const { field, control, value, onChange } = props;
  const { readOnly } = useFormEnvironment();
  const input = useFocusWhenWanted(props.path);
  const box = (
    <Input
      {...control}
      ref={input}
      mono
      value={value}
      readOnly={readOnly}
      spellCheck={false}
      autoComplete="off"
      placeholder={placeholderOf(field)}
      onChange={(event) => onChange(event.target.value)}
    />
  );
  if (field.widget !== "path") return box;
  return (
    <div className="flex items-center gap-1.5">
      <span className="shrink-0 font-mono text-muted">/in/</span>
      {box}
    </div>
  );
}

/** A number with its unit. What is not a number yet stays in the box and out of the file. */
function NumberInput(props: {
  field: FieldModel;
  path: string;
  value: unknown;
  onChange(value: unknown): void;
  control: FieldControl;
}) {
  const { field, control, value, onChange } = props;
  const { readOnly } = useFormEnvironment();
  const input = useFocusWhenWanted(props.path);
  const written = value === undefined ? "" : String(value);
  const [text, setText] = useState(written);
  useEffect(
    () => setText((before) => (Number(before) === value && before !== "" ? before : written)),
    [value, written],
  );
  return (
    <div className="flex items-center gap-2">
      <Input
        {...control}
        ref={input}
        mono
        inputMode={field.whole ? "numeric" : "decimal"}
        className="!w-32"
        value={text}
        readOnly={readOnly}
        placeholder={placeholderOf(field)}
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          const number = Number(next.replaceAll("_", "").replaceAll(" ", ""));
          if (next.trim() === "") onChange(undefined);
          // Not a number: handed on as it is, so that the check can name it at its place.
          else onChange(Number.isFinite(number) ? number : next);
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          const now = Number(text === "" ? (field.initial ?? 0) : text);
          const step = (event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 10 : 1);
          onChange(Math.min(field.max ?? Number.POSITIVE_INFINITY, Math.max(field.min ?? 0, now + step)));
        }}
      />
      {field.unit ? <span className="text-muted">{field.unit}</span> : null}
    </div>
  );
}

/** Something holds when nothing is typed. */
const hasUsual = (field: FieldModel) => field.initial !== undefined || field.connectionByCall === true;

/** The default stands where nothing is typed. */
function placeholderOf(field: FieldModel): string | undefined {
  if (field.initial === undefined || typeof field.initial === "object") return field.placeholder;
  return String(field.initial) || field.placeholder;
}

function useFocusWhenWanted(path: string) {
  const { wanted } = useFormEnvironment();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (wanted === path) input.current?.focus();
  }, [wanted, path]);
  return input;
}
