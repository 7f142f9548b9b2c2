"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, Copy, Download, FilePenLine, Rocket } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { FlowDocument } from "@/flow/document";
import type { FlowView, VersionSummary } from "@/server/views";
import { downloadFlow } from "../flows/flow-file";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, ButtonLink } from "../ui/button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Menu, MenuItem } from "../ui/menu";
import { notifyDone } from "../ui/toast";
import type { Side } from "./choice";
import { RestoreDialog } from "./restore-dialog";

/** What can be done with the later side: edit the draft; restore, copy or deploy a version. */
export function VersionActions({
  name,
  flow,
  versions,
  side,
  document,
}: {
  name: string;
  flow: FlowView | undefined;
  versions: readonly VersionSummary[];
  side: Side;
  document: FlowDocument | null;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const mayEdit = useHasRole("editor");
  const mayDeploy = useHasRole("operator");
  const [asking, setAsking] = useState<"restore" | "deploy" | null>(null);
  const deploy = useMutation(trpc.deployments.deploy.mutationOptions());
  const create = useMutation(trpc.flows.create.mutationOptions());
  const version = versions.find((each) => (side === "running" ? each.running : each.number === side));
  if (!version) return <ButtonLink href={`/flows/${encodeURIComponent(name)}`}>Open the editor</ButtonLink>;
  const { number, running } = version;

  async function deployThis() {
    const result = await deploy.mutateAsync({ flow: name, version: number, begin: { from: "continue" } });
    if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join(" "));
    await Promise.all([
      queries.invalidateQueries({ queryKey: trpc.versions.pathKey() }),
      queries.invalidateQueries({ queryKey: trpc.deployments.pathKey() }),
      queries.invalidateQueries({ queryKey: trpc.flows.pathKey() }),
    ]);
    notifyDone(`v${number} takes over`, { description: "Messages in flight are finished by the version before." });
  }
  async function openAsNew(from: FlowDocument) {
    const title = `${flow?.title ?? name} (v${number})`;
    const wished = `${name.slice(0, 50)}-v${number}`;
    const made = await create.mutateAsync({ title, document: { ...from, name: wished, title } });
    await queries.invalidateQueries({ queryKey: trpc.flows.list.queryKey() });
    router.push(`/flows/${made.name}`);
  }
  return (
    <>
      <Menu
        trigger={
          <Button disabled={!document}>
            More with v{number}
            <ChevronDown />
          </Button>
        }
      >
        {mayEdit ? (
          <MenuItem icon={<Copy />} onSelect={() => document && void openAsNew(document)}>
            Open v{number} as a new flow
          </MenuItem>
        ) : null}
        <MenuItem icon={<Download />} onSelect={() => document && downloadFlow(`${name}.v${number}`, document)}>
          Export v{number}
        </MenuItem>
      </Menu>
      {mayEdit ? (
        <Button icon={<FilePenLine />} disabled={!document || !flow?.draft} onClick={() => setAsking("restore")}>
          Restore as draft
        </Button>
      ) : null}
      {mayDeploy ? (
        <Button variant="primary" icon={<Rocket />} disabled={!document || running} onClick={() => setAsking("deploy")}>
          {running ? `v${number} runs` : `Deploy v${number}`}
        </Button>
      ) : null}
      {flow?.draft && document ? (
        <RestoreDialog
          open={asking === "restore"}
          onOpenChange={(open) => !open && setAsking(null)}
          flow={flow}
          draft={flow.draft}
          number={number}
          version={document}
        />
      ) : null}
      <ConfirmDialog
        open={asking === "deploy"}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Deploy v${number}`}
        action="Deploy"
        onConfirm={deployThis}
      >
        <p>
          v{number} takes over from what runs now: sources go on where they are, messages in flight are finished first,
          none is lost. The draft stays as it is.
        </p>
      </ConfirmDialog>
    </>
  );
}
