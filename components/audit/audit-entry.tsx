import { wordsOfAction } from "@/flow/audit-actions";
import { readActedBy, wordsOfDetail } from "@/flow/audit-words";
import type { AuditView } from "@/server/views";
import { CodeBlock } from "../payload/code-block";
import { ButtonLink } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { formatExact } from "../ui/formats";
import { linkOfEntry, runOfEntry } from "./audit-links";

/** One entry, whole. */
export function AuditEntry({ entry, onClose }: { entry: AuditView; onClose(): void }) {
  const link = linkOfEntry(entry);
  const run = runOfEntry(entry);
  const by = readActedBy(entry.detail);
  const words = wordsOfDetail(entry.action, entry.detail);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${wordsOfAction(entry.action)}: ${entry.object}`}
      footer={
        <>
          {run ? <ButtonLink href={`/runs/${run}`}>Open the run</ButtonLink> : null}
          {link ? <ButtonLink href={link}>Open what it was done to</ButtonLink> : null}
        </>
      }
    >
      <dl className="grid grid-cols-[110px_minmax(0,1fr)] gap-x-3 gap-y-1.5">
        <Fact label="When" value={formatExact(entry.at)} />
        <Fact label="Person" value={entry.actor} />
        {by ? <Fact label="By the token" value={by.token} /> : null}
        {by?.person ? <Fact label="Run by" value={`${by.person}, as the command line says`} /> : null}
        {words ? <Fact label="What" value={words} /> : null}
        <Fact label="Action" value={entry.action} />
        <Fact label="Entry" value={entry.id} />
      </dl>
      <h3 className="mb-1 mt-4 font-semibold">As it is kept</h3>
      <CodeBlock text={JSON.stringify(entry.detail, null, 2)} />
    </Dialog>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="break-words">{value}</dd>
    </>
  );
}
