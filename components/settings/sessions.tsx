"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { useState } from "react";
import type { SessionView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { formatPlural } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { RelativeTime } from "../ui/relative-time";
import { SkeletonRows } from "../ui/skeleton";
import { Table, Td, Th, Tr } from "../ui/table";
import { notifyDone, notifyError } from "../ui/toast";
import { describeDevice } from "./device-words";
import { Section } from "./section";

/** Where one is signed in; for an administrator, where everybody is. */
export function Sessions() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const isAdmin = useHasRole("admin");
  const sessions = useQuery(trpc.settings.sessions.queryOptions());
  const end = useMutation(trpc.settings.endSession.mutationOptions());
  const endOthers = useMutation(
    trpc.settings.endOtherSessions.mutationOptions({
      onSuccess: async ({ ended }) => {
        await refresh();
        notifyDone(`${formatPlural(ended, "session")} ended`);
      },
      onError: (error) => notifyError("The sessions were not ended", error),
    }),
  );
  const [ending, setEnding] = useState<SessionView | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.settings.sessions.queryKey() });
  const others = sessions.data?.filter(({ mine, current }) => mine && !current).length ?? 0;
  return (
    <Section
      title="Sessions"
      about={
        isAdmin
          ? "Where people are signed in. A session that is ended is refused at once."
          : "Where you are signed in. A session that is ended is refused at once."
      }
      action={
        others > 0 ? (
          <Button icon={<LogOut />} busy={endOthers.isPending} onClick={() => endOthers.mutate()}>
            End all my others
          </Button>
        ) : null
      }
    >
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        {sessions.isPending ? <SkeletonRows rows={3} /> : null}
        {sessions.error ? (
          <LoadError what="The sessions" error={sessions.error} onRetry={() => void sessions.refetch()} />
        ) : null}
        {sessions.data ? (
          <Table>
            <thead>
              <tr>
                {isAdmin ? <Th>Person</Th> : null}
                <Th>Device</Th>
                <Th className="w-36">Address</Th>
                <Th className="w-28">Signed in</Th>
                <Th className="w-12">
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {sessions.data.map((session) => (
                <Tr key={session.id}>
                  {isAdmin ? (
                    <Td className="h-10">
                      <span className="font-medium">{session.owner}</span>
                      <span className="ml-1.5 text-12 text-muted">{session.email}</span>
                    </Td>
                  ) : null}
                  <Td className="h-10" title={session.userAgent ?? undefined}>
                    {describeDevice(session.userAgent)}
                    {session.current ? <span className="ml-1.5 text-12 text-accent">this one</span> : null}
                  </Td>
                  <Td className="font-mono text-12 text-muted">{session.address || "not known"}</Td>
                  <Td className="text-muted">
                    <RelativeTime date={session.createdAt} />
                  </Td>
                  <Td className="!px-2">
                    {session.current ? null : (
                      <IconButton
                        label={`End the session of ${session.owner}, ${describeDevice(session.userAgent)}`}
                        size="sm"
                        onClick={() => setEnding(session)}
                      >
                        <LogOut />
                      </IconButton>
                    )}
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        ) : null}
      </div>
      {ending ? (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setEnding(null)}
          title={`End the session of ${ending.owner}`}
          action="End session"
          danger
          onConfirm={async () => {
            await end.mutateAsync({ id: ending.id });
            await refresh();
            notifyDone("Session ended");
          }}
        >
          <p>
            {describeDevice(ending.userAgent)} is signed out within seconds. The password stays; who knows it can sign
            in again.
          </p>
        </ConfirmDialog>
      ) : null}
    </Section>
  );
}
