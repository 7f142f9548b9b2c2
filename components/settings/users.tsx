"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Role, UserView } from "@/server/views";
import { useMe } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { LoadError } from "../ui/query-states";
import { RelativeTime } from "../ui/relative-time";
import { Select } from "../ui/select";
import { SkeletonRows } from "../ui/skeleton";
import { Table, Td, Th, Tr } from "../ui/table";
import { notifyDone, notifyError } from "../ui/toast";
import { Invitations } from "./invitations";
import { InviteDialog } from "./invite-dialog";
import { labelOfRole, roleOptions } from "./roles";
import { Section } from "./section";

/** Who may sign in, and what each may do. */
export function Users() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const me = useMe();
  const users = useQuery(trpc.settings.users.queryOptions());
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.settings.users.queryKey() });
  const setRole = useMutation(
    trpc.settings.setRole.mutationOptions({
      onSuccess: async () => {
        await refresh();
        notifyDone("Role changed");
      },
      onError: (error) => notifyError("The role stays as it was", error),
    }),
  );
  const remove = useMutation(trpc.settings.removeUser.mutationOptions());
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<UserView | null>(null);
  return (
    <Section
      title="Users"
      about="Sign-up is closed: people come by invitation. A forgotten password is set anew from the shell."
      action={
        <Button variant="primary" icon={<Plus />} onClick={() => setInviting(true)}>
          Invite
        </Button>
      }
    >
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        {users.isPending ? <SkeletonRows rows={3} /> : null}
        {users.error ? <LoadError what="The users" error={users.error} onRetry={() => void users.refetch()} /> : null}
        {users.data ? (
          <Table>
            <thead>
              <tr>
                <Th>Name</Th>
                <Th>Email</Th>
                <Th className="w-44">Role</Th>
                <Th className="w-28">Added</Th>
                <Th className="w-12">
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {users.data.map((user) => (
                <Tr key={user.id}>
                  <Td className="h-10 font-medium">
                    {user.name}
                    {user.id === me.id ? <span className="ml-1.5 text-12 font-normal text-faint">you</span> : null}
                  </Td>
                  <Td className="text-muted">{user.email}</Td>
                  <Td>
                    {user.id === me.id ? (
                      labelOfRole(user.role)
                    ) : (
                      <Select<Role>
                        label={`Role of ${user.name}`}
                        value={user.role}
                        onValueChange={(role) => setRole.mutate({ id: user.id, role })}
                        options={roleOptions}
                      />
                    )}
                  </Td>
                  <Td className="text-muted">
                    <RelativeTime date={user.createdAt} />
                  </Td>
                  <Td className="!px-2">
                    {user.id === me.id ? null : (
                      <IconButton label={`Remove ${user.name}`} size="sm" onClick={() => setRemoving(user)}>
                        <Trash2 />
                      </IconButton>
                    )}
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        ) : null}
      </div>
      <Invitations />
      {inviting ? (
        <InviteDialog
          onClose={() => setInviting(false)}
          onInvited={() => queries.invalidateQueries({ queryKey: trpc.settings.invitations.queryKey() })}
        />
      ) : null}
      {removing ? (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setRemoving(null)}
          title={`Remove ${removing.name}`}
          action="Remove user"
          danger
          typed={removing.email}
          onConfirm={async () => {
            await remove.mutateAsync({ id: removing.id });
            await refresh();
            notifyDone(`${removing.name} was removed`);
          }}
        >
          <p>Their sessions end and their tokens stop working. Flows and versions they made stay.</p>
        </ConfirmDialog>
      ) : null}
    </Section>
  );
}
