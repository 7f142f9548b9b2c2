"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Copy, Download, Ellipsis, History, PenLine, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { FlowSummary, LiveView } from "@/server/views";
import { KindChip } from "../drawing/kind-chip";
import { findKind } from "../drawing/kinds";
import { useHasRole } from "../shell/session";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { IconButton } from "../ui/button";
import { formatCount, formatRate } from "../ui/formats";
import { Menu, MenuItem, MenuLink, MenuSeparator } from "../ui/menu";
import { RelativeTime, useNow } from "../ui/relative-time";
import { Td, Tr } from "../ui/table";
import { Dot, Tag } from "../ui/tag";
import { notifyDone, notifyError } from "../ui/toast";
import { DeleteFlowDialog } from "./delete-flow-dialog";
import { downloadFlow } from "./flow-file";
import { hasStuckSagas, rateOfFlow } from "./flow-rate";
import { lagOfFlow, readFlowState } from "./flow-state";
import { RenameFlowDialog } from "./rename-flow-dialog";

/** Icons of kinds that fit beside a title. */
const shownKinds = 5;

export function FlowRow({ flow, live }: { flow: FlowSummary; live: LiveView | undefined }) {
  const href = `/flows/${flow.name}`;
  const rate = rateOfFlow(live);
  const lag = lagOfFlow(live);
  const dead = live?.deadLetters ?? flow.deadLetters;
  return (
    <Tr className="group">
      <Td className="h-14 w-auto py-1.5">
        <div className="flex items-center gap-3">
          <div className="min-w-0 flex-1">
            <div className="flex min-w-0 items-center gap-2">
              <Link href={href} className="truncate font-medium hover:underline">
                {flow.title}
              </Link>
              {flow.example ? <Tag>Example</Tag> : null}
            </div>
            <p className="line-clamp-2 whitespace-normal text-12 text-muted">
              {flow.description || <span className="font-mono">{flow.name}</span>}
            </p>
          </div>
          <Kinds kinds={flow.kinds} />
        </div>
      </Td>
      <Td>
        <FlowState flow={flow} live={live} />
      </Td>
      <Td align="right" className="font-mono text-12">
        <span className={rate ? "" : "text-faint"}>{formatRate(rate)}</span>
      </Td>
      <Td align="right" className="font-mono text-12">
        <span
          className={lag ? "" : "text-faint"}
          title={lag === null ? "Its brokers do not tell how many wait" : undefined}
        >
          {lag === null ? "–" : formatCount(lag)}
        </span>
      </Td>
      <Td align="right" className="font-mono text-12">
        {dead ? (
          <Link href={`/dead-letters?flow=${flow.name}`} className="text-bad hover:underline">
            {formatCount(dead)}
          </Link>
        ) : (
          <span className="text-faint">0</span>
        )}
      </Td>
      <Td>
        <VersionWords flow={flow} />
      </Td>
      <Td className="text-muted">
        <RelativeTime date={flow.updatedAt} />
      </Td>
      <Td className="!px-2">
        <FlowMenu flow={flow} />
      </Td>
    </Tr>
  );
}

function Kinds({ kinds }: { kinds: readonly string[] }) {
  const rest = kinds.length - shownKinds;
  return (
    <div className="hidden shrink-0 items-center gap-1 lg:flex">
      {kinds.slice(0, shownKinds).map((name) => {
        const kind = findKind(name);
        return (
          <span key={name} title={kind?.label ?? `Unknown kind ${name}`} className="scale-90">
            <KindChip kind={kind} />
          </span>
        );
      })}
      {rest > 0 ? <span className="text-12 text-faint">+{rest}</span> : null}
    </div>
  );
}

function FlowState({ flow, live }: { flow: FlowSummary; live: LiveView | undefined }) {
  const { tone, words, since, cause, hollow, pulse } = readFlowState(flow, live, useNow());
  return (
    <span className="flex min-w-0 items-center gap-2" title={cause}>
      <Dot tone={tone} hollow={hollow ?? false} pulse={pulse ?? false} />
      <span className="min-w-0">
        <span className={`block truncate ${flow.deployment ? "" : "text-muted"}`}>
          {words}
          {since === undefined ? null : (
            <span className="text-12 text-muted">
              {" "}
              <RelativeTime date={new Date(since)} />
            </span>
          )}
        </span>
        {cause ? <span className="block truncate text-12 leading-4 text-muted">{cause}</span> : null}
        {hasStuckSagas(live) ? (
          <Link
            href={`/flows/${flow.name}/sagas?status=stuck`}
            className="block truncate text-12 leading-4 text-bad hover:underline"
          >
            Sagas are stuck
          </Link>
        ) : null}
      </span>
    </span>
  );
}

function VersionWords({ flow }: { flow: FlowSummary }) {
  if (flow.latestVersion === 0) return <span className="text-muted">Draft</span>;
  return (
    <span className="flex flex-col">
      <Link href={`/flows/${flow.name}/versions`} className="hover:underline">
        v{flow.deployment?.version ?? flow.latestVersion}
      </Link>
      {flow.draftDiffers ? <span className="text-12 leading-4 text-muted">draft differs</span> : null}
    </span>
  );
}

function FlowMenu({ flow }: { flow: FlowSummary }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const router = useRouter();
  const mayEdit = useHasRole("editor");
  const [dialog, setDialog] = useState<"rename" | "delete" | null>(null);
  const duplicate = useMutation(
    trpc.flows.duplicate.mutationOptions({
      onSuccess: async ({ name }) => {
        await queries.invalidateQueries({ queryKey: trpc.flows.list.queryKey() });
        notifyDone("Duplicated", { action: { label: "Open", onClick: () => router.push(`/flows/${name}`) } });
      },
      onError: (error) => notifyError("It was not duplicated", error),
    }),
  );
  async function exportDraft() {
    try {
      const { draft, raw } = await client.flows.get.query({ name: flow.name });
      downloadFlow(flow.name, draft ?? raw);
    } catch (error) {
      notifyError("It could not be exported", error);
    }
  }
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${flow.title}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuLink href={`/flows/${flow.name}/versions`} icon={<History />}>
          Versions
        </MenuLink>
        <MenuItem icon={<Download />} onSelect={() => void exportDraft()}>
          Export file
        </MenuItem>
        {mayEdit ? (
          <>
            <MenuItem icon={<Copy />} onSelect={() => duplicate.mutate({ name: flow.name })}>
              Duplicate
            </MenuItem>
            <MenuItem icon={<PenLine />} onSelect={() => setDialog("rename")}>
              Rename…
            </MenuItem>
            <MenuSeparator />
            <MenuItem icon={<Trash2 />} danger onSelect={() => setDialog("delete")}>
              Delete…
            </MenuItem>
          </>
        ) : null}
      </Menu>
      {dialog === "rename" ? <RenameFlowDialog flow={flow} onClose={() => setDialog(null)} /> : null}
      {dialog === "delete" ? <DeleteFlowDialog flow={flow} onClose={() => setDialog(null)} /> : null}
    </>
  );
}
