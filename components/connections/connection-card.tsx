"use client";

import { useMutation } from "@tanstack/react-query";
import { Ellipsis, PenLine, Trash2 } from "lucide-react";
import Link from "next/link";
import { findConnectionKind } from "@/flow/connection-catalog";
import type { ConnectionView } from "@/server/views";
import { iconOf } from "../drawing/icons";
import { useTRPC } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import { Tag } from "../ui/tag";
import { TestResult } from "./test-result";

/** One connection: kind, where it leads, what it lacks, who uses it; and its test. */
export function ConnectionCard({
  connection,
  mayEdit,
  onEdit,
  onRemove,
}: {
  connection: ConnectionView;
  mayEdit: boolean;
  onEdit(): void;
  onRemove(): void;
}) {
  const trpc = useTRPC();
  const test = useMutation(trpc.connections.test.mutationOptions());
  const kind = findConnectionKind(connection.kind);
  const Icon = iconOf(kind?.icon);
  return (
    <li className="rounded-lg border border-line bg-surface">
      <div className="flex items-center gap-3 px-4 py-3">
        <span className="grid size-8 shrink-0 place-items-center rounded-md bg-sunken text-muted">
          <Icon className="size-4" aria-hidden />
        </span>
        <div className="min-w-0 flex-1">
          <p className="flex items-center gap-2">
            {mayEdit ? (
              <button type="button" onClick={onEdit} className="truncate font-mono font-medium hover:underline">
                {connection.name}
              </button>
            ) : (
              <span className="truncate font-mono font-medium">{connection.name}</span>
            )}
            <Tag>{kind?.label ?? connection.kind}</Tag>
            {connection.missing.length > 0 ? <Tag tone="bad">Incomplete</Tag> : null}
          </p>
          <p className="truncate text-12 text-muted">
            <Place connection={connection} />
            {connection.secretsSet.length > 0 ? ` · ${connection.secretsSet.join(", ")} set` : ""}
          </p>
          {connection.missing.map((words) => (
            <p key={words} className="text-12 text-bad">
              {words}
            </p>
          ))}
        </div>
        <UsedBy flows={connection.usedBy} />
        {mayEdit ? (
          <>
            <Button busy={test.isPending} onClick={() => test.mutate({ ref: { name: connection.name } })}>
              Test
            </Button>
            <Menu
              trigger={
                <IconButton label={`Actions for ${connection.name}`}>
                  <Ellipsis />
                </IconButton>
              }
            >
              <MenuItem icon={<PenLine />} onSelect={onEdit}>
                Edit…
              </MenuItem>
              <MenuSeparator />
              <MenuItem icon={<Trash2 />} danger onSelect={onRemove}>
                Delete…
              </MenuItem>
            </Menu>
          </>
        ) : null}
      </div>
      {test.data || test.error ? (
        <div className="px-4 pb-3">
          <TestResult result={test.data} error={test.error} />
        </div>
      ) : null}
    </li>
  );
}

/** Where it leads, in one line. */
function Place({ connection: { kind, config } }: { connection: ConnectionView }) {
  const known = findConnectionKind(kind);
  const address = known && config[known.address.field];
  if (typeof address === "string" && address !== "") return <span className="font-mono">{address}</span>;
  return known?.address.whenEmpty ?? "";
}

function UsedBy({ flows }: { flows: readonly string[] }) {
  if (flows.length === 0) return <span className="hidden text-12 text-faint md:inline">No flow uses it</span>;
  const [first, second] = flows;
  return (
    <span className="hidden max-w-[420px] truncate text-12 text-muted md:inline" title={flows.join(", ")}>
      Used by{" "}
      {[first, second].filter(Boolean).map((name, index) => (
        <span key={name}>
          {index > 0 ? ", " : ""}
          <Link href={`/flows/${name}`} className="text-text hover:underline">
            {name}
          </Link>
        </span>
      ))}
      {flows.length > 2 ? ` and ${flows.length - 2} more` : ""}
    </span>
  );
}
