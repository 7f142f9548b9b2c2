"use client";

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Download, ScrollText } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { useMemo, useState } from "react";
import { PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button, ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { formatPlural } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { notifyDone, notifyError } from "../ui/toast";
import { type AuditFormat, exportAudit } from "./audit-export";
import { type AuditAddress, queryOfAudit, readAuditAddress, writeAuditAddress } from "./audit-filter";
import { AuditFilterBar } from "./audit-filter-bar";
import { AuditTable } from "./audit-table";

const pageSize = 100;
const exportPageSize = 1_000;

/** Who did what to what, and when. */
export function AuditPage() {
  const mayRead = useHasRole("operator");
  if (mayRead) return <AuditTrail />;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Audit" />
      <EmptyState
        icon={<ScrollText />}
        title="Operators read the audit"
        action={<ButtonLink href="/flows">Open flows</ButtonLink>}
      >
        Your role sees flows and runs, not who did what. Ask an administrator for the role operator.
      </EmptyState>
    </div>
  );
}

function AuditTrail() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const router = useRouter();
  const params = useSearchParams();
  const address = useMemo(() => readAuditAddress(params), [params]);
  const query = useMemo(() => queryOfAudit(address), [address]);
  const [exporting, setExporting] = useState<AuditFormat | null>(null);
  const entries = useInfiniteQuery({
    queryKey: [...trpc.audit.list.queryKey(query), "pages"],
    queryFn: ({ pageParam, signal }) =>
      client.audit.list.query({ ...query, ...pageParam, limit: pageSize }, { signal }),
    initialPageParam: {} as { before?: Date; beforeId?: string },
    getNextPageParam: ({ more, items }) => {
      const last = items.at(-1);
      return more && last ? { before: last.at, beforeId: last.id } : undefined;
    },
    placeholderData: keepPreviousData,
  });
  const shown = entries.data?.pages.flatMap((page) => page.items) ?? [];

  const people = [...new Set(shown.map(({ actor }) => actor))].sort();

  function setAddress(next: AuditAddress) {
    const text = writeAuditAddress(next);
    router.replace(`/audit${text ? `?${text}` : ""}`, { scroll: false });
  }

  async function download(format: AuditFormat) {
    setExporting(format);
    try {
      const { count, cut } = await exportAudit(
        (next) => client.audit.list.query({ ...query, ...next, limit: exportPageSize }),
        format,
      );
      notifyDone(`${formatPlural(count, "entry", "entries")} exported`, {
        description: cut ? "The rest did not fit: choose fewer days." : "The newest first.",
      });
    } catch (error) {
      notifyError("The audit was not exported", error);
    } finally {
      setExporting(null);
    }
  }

  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Audit">
        {(["ndjson", "csv"] as const).map((format) => (
          <Button
            key={format}
            icon={<Download />}
            busy={exporting === format}
            disabled={exporting !== null || shown.length === 0}
            onClick={() => void download(format)}
          >
            {format === "csv" ? "CSV" : "NDJSON"}
          </Button>
        ))}
      </PageHeader>
      <AuditFilterBar filter={address} people={people} onChange={setAddress} />
      <section aria-label="Entries" className="thin-scroll min-h-0 flex-1 overflow-auto">
        {entries.isPending ? <SkeletonRows rows={10} /> : null}
        {entries.error ? (
          <LoadError what="The audit" error={entries.error} onRetry={() => void entries.refetch()} />
        ) : null}
        {entries.data && shown.length === 0 ? (
          <NoEntries filtered={Object.keys(address).length > 0} onClear={() => setAddress({})} />
        ) : null}
        {shown.length > 0 ? (
          <AuditTable entries={shown} onFilter={(change) => setAddress({ ...address, ...change })} />
        ) : null}
        {entries.hasNextPage ? (
          <div className="flex justify-center p-3">
            <Button busy={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
              Show more
            </Button>
          </div>
        ) : null}
      </section>
    </div>
  );
}

function NoEntries({ filtered, onClear }: { filtered: boolean; onClear(): void }) {
  return (
    <EmptyState
      icon={<ScrollText />}
      title={filtered ? "No entry fits" : "Nothing was done yet"}
      action={
        filtered ? <Button onClick={onClear}>Show all</Button> : <ButtonLink href="/flows">Open flows</ButtonLink>
      }
    >
      Here stands who did what, to which flow, connection, dead letter or person. Entries are kept for ever, and nobody
      can change them.
    </EmptyState>
  );
}
