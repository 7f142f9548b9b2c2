"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { TokenView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { EmptyState } from "../ui/empty-state";
import { formatDate } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { RelativeTime } from "../ui/relative-time";
import { SkeletonRows } from "../ui/skeleton";
import { Table, Td, Th, Tr } from "../ui/table";
import { Tag } from "../ui/tag";
import { notifyDone } from "../ui/toast";
import { NewTokenDialog } from "./new-token-dialog";
import { labelOfRole } from "./roles";
import { Section } from "./section";

/** Tokens for the command line and for programs. */
export function Tokens() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const tokens = useQuery(trpc.settings.tokens.queryOptions());
  const revoke = useMutation(trpc.settings.revokeToken.mutationOptions());
  const isAdmin = useHasRole("admin");
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenView | null>(null);
  const create = (
    <Button variant="primary" icon={<Plus />} onClick={() => setCreating(true)}>
      New token
    </Button>
  );
  return (
    <Section
      title="API tokens"
      about="For the command line and for programs: they act as you, with the role you give them."
      action={tokens.data?.length ? create : null}
    >
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        {tokens.isPending ? <SkeletonRows rows={3} /> : null}
        {tokens.error ? (
          <LoadError what="The tokens" error={tokens.error} onRetry={() => void tokens.refetch()} />
        ) : null}
        {tokens.data?.length === 0 ? (
          <EmptyState icon={<KeyRound />} title="No tokens yet" action={create}>
            The command line here works without one. On another machine give it a token as MILLRACE_TOKEN.
          </EmptyState>
        ) : null}
        {tokens.data?.length ? (
          <Table>
            <thead>
              <tr>
                <Th>Name</Th>
                {isAdmin ? <Th className="w-28">Owner</Th> : null}
                <Th>May</Th>
                <Th className="w-24">Made</Th>
                <Th className="w-24">Last used</Th>
                <Th className="w-28">Expires</Th>
                <Th className="w-12">
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {tokens.data.map((token) => (
                <Tr key={token.id}>
                  <Td className="font-medium">{token.name}</Td>
                  {isAdmin ? <Td className="text-muted">{token.owner}</Td> : null}
                  <Td className="py-1">
                    {labelOfRole(token.role)}
                    <span className="block truncate text-12 text-muted" title={describeScope(token)}>
                      {describeScope(token)}
                    </span>
                  </Td>
                  <Td className="text-muted">
                    <RelativeTime date={token.createdAt} />
                  </Td>
                  <Td className="text-muted">
                    {token.lastUsedAt ? <RelativeTime date={token.lastUsedAt} /> : "never"}
                  </Td>
                  <Td className="text-muted">{describeExpiry(token.expiresAt)}</Td>
                  <Td className="!px-2">
                    <IconButton label={`Revoke ${token.name}`} size="sm" onClick={() => setRevoking(token)}>
                      <Trash2 />
                    </IconButton>
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        ) : null}
      </div>
      {creating ? <NewTokenDialog onClose={() => setCreating(false)} /> : null}
      {revoking ? (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setRevoking(null)}
          title={`Revoke ${revoking.name}`}
          action="Revoke token"
          danger
          onConfirm={async () => {
            await revoke.mutateAsync({ id: revoking.id });
            await queries.invalidateQueries({ queryKey: trpc.settings.tokens.queryKey() });
            notifyDone(`${revoking.name} was revoked`);
          }}
        >
          <p>Whatever uses it is refused from now on. This cannot be undone; a new token can be made at any time.</p>
        </ConfirmDialog>
      ) : null}
    </Section>
  );
}

function describeScope({ readOnly, flows }: TokenView) {
  const parts = [readOnly ? "only reads" : "", flows ? flows.join(", ") || "flows that are gone" : ""];
  return parts.filter(Boolean).join(" · ");
}

function describeExpiry(date: Date | null) {
  if (!date) return "never";
  return date.getTime() < Date.now() ? <Tag tone="warn">expired</Tag> : formatDate(date);
}
