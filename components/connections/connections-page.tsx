"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Cable, Plus } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { connectionKinds, findConnectionKind } from "@/flow/connection-catalog";
import type { ConnectionView } from "@/server/views";
import { iconOf } from "../drawing/icons";
import { Page, PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { EmptyState } from "../ui/empty-state";
import { Menu, MenuItem } from "../ui/menu";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { notifyDone } from "../ui/toast";
import { ConnectionCard } from "./connection-card";
import { ConnectionDialog } from "./connection-dialog";

/** Named brokers and endpoints: what they are, whether they are whole, whether they can be reached. */
export function ConnectionsPage() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const params = useSearchParams();
  const mayEdit = useHasRole("operator");
  const connections = useQuery(trpc.connections.list.queryOptions());
  const remove = useMutation(trpc.connections.remove.mutationOptions());
  const [removing, setRemoving] = useState<ConnectionView | null>(null);
  const close = () => router.replace("/connections", { scroll: false });
  const editing = connections.data?.find((connection) => connection.name === params.get("edit")) ?? null;
  const kind = findConnectionKind(editing?.kind ?? params.get("new") ?? "");
  const addMenu = mayEdit ? (
    <Menu
      trigger={
        <Button variant="primary" icon={<Plus />}>
          Add connection
        </Button>
      }
    >
      {connectionKinds.map((each) => {
        const Icon = iconOf(each.icon);
        return (
          <MenuItem
            key={each.kind}
            icon={<Icon />}
            hint={each.summary}
            onSelect={() => router.replace(`/connections?new=${each.kind}`, { scroll: false })}
          >
            {each.label}
          </MenuItem>
        );
      })}
    </Menu>
  ) : null;

  return (
    <Page header={<PageHeader title="Connections">{addMenu}</PageHeader>}>
      {connections.isPending ? <SkeletonRows rows={3} /> : null}
      {connections.error ? (
        <LoadError what="The connections" error={connections.error} onRetry={() => void connections.refetch()} />
      ) : null}
      {connections.data?.length === 0 ? (
        <EmptyState icon={<Cable />} title="No connections yet" action={addMenu}>
          A connection names a broker or an endpoint with its sign-in, so that flows can refer to it and files carry no
          secrets.
        </EmptyState>
      ) : null}
      <ul className="mx-auto grid max-w-[1120px] gap-3 p-4">
        {connections.data?.map((connection) => (
          <ConnectionCard
            key={connection.name}
            connection={connection}
            mayEdit={mayEdit}
            onEdit={() => router.replace(`/connections?edit=${connection.name}`, { scroll: false })}
            onRemove={() => setRemoving(connection)}
          />
        ))}
      </ul>
      {kind && connections.data && mayEdit ? (
        <ConnectionDialog
          key={editing?.name ?? kind.kind}
          kind={kind}
          saved={editing}
          taken={connections.data.map((connection) => connection.name)}
          onClose={close}
        />
      ) : null}
      {removing ? (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setRemoving(null)}
          title={`Delete ${removing.name}`}
          action="Delete connection"
          danger
          typed={removing.name}
          onConfirm={async () => {
            await remove.mutateAsync({ name: removing.name });
            await queries.invalidateQueries({ queryKey: trpc.connections.pathKey() });
            notifyDone(`${removing.name} was deleted`);
          }}
        >
          <p>
            Its settings and secrets go and cannot be brought back. Nothing is changed on the broker or service.
            {removing.usedBy.length > 0
              ? ` Flows that name it stop working: ${removing.usedBy.join(", ")}.`
              : " No flow names it."}
          </p>
        </ConfirmDialog>
      ) : null}
    </Page>
  );
}
