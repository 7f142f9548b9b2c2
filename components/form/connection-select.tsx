"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../trpc/context";
import type { FieldControl } from "../ui/field";
import { Select } from "../ui/select";
import { useFormEnvironment } from "./environment";

/** Chooses a connection of one kind; one that is named but not there stays in sight. */
export function ConnectionSelect({
  control,
  kind,
  value,
  onChange,
}: {
  control: FieldControl;
  kind: string | undefined;
  value: string | undefined;
  onChange(value: string): void;
}) {
  const trpc = useTRPC();
  const { readOnly } = useFormEnvironment();
  const connections = useQuery(trpc.connections.list.queryOptions());
  const fitting = (connections.data ?? []).filter((connection) => kind === undefined || connection.kind === kind);
  const options = fitting.map(({ name, missing }) => ({
    value: name,
    label: name,
    ...(missing.length > 0 ? { hint: `lacks ${missing.join(", ")}` } : {}),
  }));
  const gone = value && connections.data && !fitting.some(({ name }) => name === value);
  if (value && !options.some((option) => option.value === value)) {
    options.unshift({ value, label: value, ...(gone ? { hint: "does not exist" } : {}) });
  }
  return (
    <div>
      <Select
        {...control}
        mono
        value={value}
        onValueChange={onChange}
        options={options}
        placeholder={connections.isPending ? "Asking…" : "Choose a connection"}
        disabled={readOnly}
      />
      {(gone || (connections.data && fitting.length === 0)) && (
        <p className="mt-1 text-12">
          <Link href="/connections" className="text-accent underline underline-offset-2">
            Open connections
          </Link>
        </p>
      )}
    </div>
  );
}
