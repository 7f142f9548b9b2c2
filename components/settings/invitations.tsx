"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useTRPC } from "../trpc/context";
import { IconButton } from "../ui/button";
import { formatDate } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { Table, Td, Th, Tr } from "../ui/table";
import { notifyDone, notifyError } from "../ui/toast";
import { labelOfRole } from "./roles";

/** Invitations that nobody has taken yet. Nothing when there are none. */
export function Invitations() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const invitations = useQuery(trpc.settings.invitations.queryOptions());
  const revoke = useMutation(
    trpc.settings.revokeInvitation.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: trpc.settings.invitations.queryKey() });
        notifyDone("Invitation withdrawn", { description: "Its link opens nothing any more." });
      },
      onError: (error) => notifyError("The invitation was not withdrawn", error),
    }),
  );
  if (invitations.error)
    return <LoadError what="The invitations" error={invitations.error} onRetry={() => void invitations.refetch()} />;
  if (!invitations.data?.length) return null;
  return (
    <section className="mt-6" aria-labelledby="open-invitations">
      <h3 id="open-invitations" className="mb-2 font-semibold">
        Open invitations
      </h3>
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        <Table>
          <thead>
            <tr>
              <Th>Email</Th>
              <Th className="w-36">Role</Th>
              <Th>Invited by</Th>
              <Th className="w-32">Works until</Th>
              <Th className="w-12">
                <span className="sr-only">Actions</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {invitations.data.map((invitation) => (
              <Tr key={invitation.id}>
                <Td className="h-10 font-medium">{invitation.email}</Td>
                <Td>{labelOfRole(invitation.role)}</Td>
                <Td className="text-muted">{invitation.invitedBy}</Td>
                <Td className="text-muted">{formatDate(invitation.expiresAt)}</Td>
                <Td className="!px-2">
                  <IconButton
                    label={`Withdraw the invitation of ${invitation.email}`}
                    size="sm"
                    onClick={() => revoke.mutate({ id: invitation.id })}
                  >
                    <X />
                  </IconButton>
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </div>
    </section>
  );
}
