"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Download, X } from "lucide-react";
import Link from "next/link";
import { Fragment, type ReactNode, useState } from "react";
import { shortenCause } from "@/flow/shorten-cause";
import type { DeadLetterView } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { CauseChain } from "../payload/cause-chain";
import { CopyButton } from "../payload/code-block";
import { HeadersTable } from "../payload/headers-table";
import { MaskedNote } from "../payload/masked-note";
import { type PayloadMode, PayloadView } from "../payload/payload-view";
import { useHasRole } from "../shell/session";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { Callout } from "../ui/callout";
import { formatExact, formatMoment, formatPlural } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { Segments, TabPanel, Tabs } from "../ui/tabs";
import { Pill } from "../ui/tag";
import { notifyError } from "../ui/toast";
import { DiscardDialog } from "./discard-dialog";
import { exportLetters } from "./export-letters";
import { RedriveDialog } from "./redrive-dialog";
import { failedAgain, wordsOfLetter, wordsOfSends } from "./sends";
import { SentNote } from "./sent-note";
import { useRunningFlows } from "./use-running-flows";
import { useTakeBack } from "./use-take-back";

/** One dead letter: why it is here, what it holds, and what can be done. */
export function LetterPanel({ id, onClose }: { id: string; onClose(): void }) {
  const trpc = useTRPC();
  const letter = useQuery(trpc.deadLetters.get.queryOptions({ id }, { refetchInterval: 5_000 }));
  return (
    <aside aria-label="Dead letter" className="flex min-h-0 w-[460px] shrink-0 flex-col border-l bg-surface">
      {letter.isPending ? <SkeletonRows rows={5} /> : null}
      {letter.error ? (
        <LoadError what="The dead letter" error={letter.error} onRetry={() => void letter.refetch()} />
      ) : null}
      {letter.data ? <Letter letter={letter.data} onClose={onClose} /> : null}
    </aside>
  );
}

type Tab = "message" | "headers" | "about";

function Letter({ letter, onClose }: { letter: DeadLetterView; onClose(): void }) {
  const mayRedrive = useHasRole("operator");
  const [tab, setTab] = useState<Tab>("message");
  const [mode, setMode] = useState<PayloadMode>("tree");
  const [dialog, setDialog] = useState<"send" | "edit" | "discard" | null>(null);
  const { tone, words } = wordsOfLetter(letter, useRunningFlows());
  const open = letter.state === "waiting";
  const takeBack = useTakeBack();
  return (
    <>
      <div className="flex items-start gap-2 px-4 py-3">
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-14 font-semibold">
            {letter.key ? <span className="font-mono">{letter.key}</span> : "Without a key"}
          </h2>
          <p className="truncate text-12 text-muted">
            {letter.flowTitle} v{letter.version} · {letter.nodeTitle}
          </p>
        </div>
        <Pill dot tone={tone}>
          {words}
        </Pill>
        <IconButton label="Close" onClick={onClose}>
          <X />
        </IconButton>
      </div>
      <div className="px-4 pb-2">
        <Callout
          tone={letter.state === "discarded" || letter.state === "sent" ? "idle" : "bad"}
          title={<InlineCode text={shortenCause(letter.causeMessage)} />}
          code={letter.causeCode}
        >
          <CauseChain
            code={letter.causeCode}
            message={letter.causeMessage}
            detail={letter.causeDetail}
            causes={letter.causes}
            node={letter.node}
          />
          {failedAgain(letter) ? <p className="first-letter:uppercase">{wordsOfSends(letter.sends)}.</p> : null}
          {letter.reason ? <p>{letter.state === "discarded" ? wordsOfDiscard(letter) : letter.reason}</p> : null}
        </Callout>
        <SentNote letter={letter} />
      </div>
      <Tabs<Tab>
        label="Dead letter"
        value={tab}
        onValueChange={setTab}
        className="min-h-0 flex-1"
        tabs={[
          { value: "message", label: "Message" },
          { value: "headers", label: "Headers", count: letter.headers.length },
          { value: "about", label: "About" },
        ]}
      >
        <TabPanel value="message" className="px-4 py-3">
          <div className="mb-2 flex items-center justify-between">
            <span className="text-12 text-muted">As it reached {letter.nodeTitle}</span>
            <span className="flex items-center gap-1">
              {letter.truncated ? (
                <DownloadLetter letter={letter} />
              ) : letter.value ? (
                <CopyButton text={letter.value} label="Copy message" />
              ) : null}
              <Segments<PayloadMode>
                label="How the message is shown"
                value={mode}
                onValueChange={setMode}
                options={[
                  { value: "tree", label: "Tree" },
                  { value: "raw", label: "Raw" },
                  { value: "table", label: "Table" },
                ]}
              />
            </span>
          </div>
          <PayloadView payload={letter} mode={mode} />
          <div className="-mx-4">
            <MaskedNote fields={letter.masked} />
          </div>
          {letter.edited ? (
            <div className="mt-4 border-t pt-3">
              <div className="mb-2 flex items-center justify-between">
                <span className="text-12 text-muted">{wordsOfEdited(letter)}</span>
                {letter.edited.value && !letter.edited.truncated ? (
                  <CopyButton text={letter.edited.value} label="Copy edited message" />
                ) : null}
              </div>
              {letter.edited.key === letter.key ? null : (
                <p className="mb-2 text-12">
                  {letter.edited.key === null ? (
                    "Without a key"
                  ) : (
                    <>
                      With the key <span className="break-all font-mono">{letter.edited.key}</span>
                    </>
                  )}
                </p>
              )}
              <PayloadView payload={letter.edited} mode={mode} />
            </div>
          ) : null}
        </TabPanel>
        <TabPanel value="headers" className="p-4">
          <HeadersTable headers={letter.headers} />
          {letter.edited && JSON.stringify(letter.edited.headers) !== JSON.stringify(letter.headers) ? (
            <div className="mt-4 border-t pt-3">
              <p className="mb-2 text-12 text-muted">{wordsOfEdited(letter)}</p>
              <HeadersTable headers={letter.edited.headers} />
            </div>
          ) : null}
        </TabPanel>
        <TabPanel value="about" className="p-4">
          <Facts letter={letter} />
        </TabPanel>
      </Tabs>
      {mayRedrive && letter.state === "discarded" ? (
        <div className="flex justify-end border-t px-4 py-3">
          <Button busy={takeBack.isPending} onClick={() => takeBack.mutate({ ids: [letter.id] })}>
            Take back
          </Button>
        </div>
      ) : null}
      {mayRedrive && open ? (
        <div className="flex justify-end gap-2 border-t px-4 py-3">
          <Button onClick={() => setDialog("discard")}>Discard…</Button>
          <Button onClick={() => setDialog("edit")}>Edit and send…</Button>
          <Button variant="primary" onClick={() => setDialog("send")}>
            Send again
          </Button>
        </div>
      ) : null}
      {dialog === "send" || dialog === "edit" ? (
        <RedriveDialog
          ids={[letter.id]}
          flows={[letter.flow]}
          editing={dialog === "edit"}
          onClose={() => setDialog(null)}
        />
      ) : null}
      {dialog === "discard" ? <DiscardDialog letters={[letter.id]} onClose={() => setDialog(null)} /> : null}
    </>
  );
}

function wordsOfEdited({ state, edited, source }: DeadLetterView): string {
  const words = state === "queued" ? "As it is to be sent again" : "As it was sent again";
  return edited?.target === "source" ? `${words}, to its source ${source}` : words;
}

/** What is too large to be shown is had as a file. */
function DownloadLetter({ letter }: { letter: DeadLetterView }) {
  const client = useTRPCClient();
  const download = useMutation({
    mutationFn: () => exportLetters((filter) => client.deadLetters.export.query(filter), { id: letter.id }),
    onError: (error) => notifyError("It could not be downloaded", error),
  });
  return (
    <Button size="sm" icon={<Download />} busy={download.isPending} onClick={() => download.mutate()}>
      Download whole
    </Button>
  );
}

function Facts({ letter }: { letter: DeadLetterView }) {
  const link = (href: string, text: string) => (
    <Link href={href} className="text-accent underline underline-offset-2">
      {text}
    </Link>
  );
  const facts: [string, ReactNode][] = [
    ["Flow", link(`/flows/${letter.flow}?node=${letter.node}`, `${letter.flowTitle}, at ${letter.nodeTitle}`)],
    ["Run it failed in", letter.runId ? link(`/runs/${letter.runId}`, "Open the run") : "not kept"],
    ["Came from", `${letter.source}, ${letter.lane} @ ${letter.position}`],
    ["Attempts", String(letter.attempts)],
    ["Sent again", letter.sends === 0 ? "never" : formatPlural(letter.sends, "time")],
    ["Failed", formatExact(letter.failedAt)],
    ...(letter.failedAt > letter.createdAt
      ? [["First failed", formatExact(letter.createdAt)] as [string, string]]
      : []),
    ...(letter.forward ? [["Also to", sayForward(letter.forward)] as [string, ReactNode]] : []),
    ["Codec", letter.codec],
    ["Trace", letter.traceId ? link(`/runs?trace=${letter.traceId}`, letter.traceId) : "none"],
    [
      "If sent again",
      <span key="repeat" className="font-sans text-13">
        {letter.repeat}
      </span>,
    ],
  ];
  return (
    <dl className="grid grid-cols-[104px_1fr] gap-y-1.5">
      {facts.map(([label, value]) => (
        <Fragment key={label}>
          <dt className="text-muted">{label}</dt>
          <dd className="min-w-0 break-all font-mono text-12 leading-5">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

function sayForward({ connection, to, state, cause, at }: NonNullable<DeadLetterView["forward"]>): string {
  const place = `${to} of ${connection}`;
  if (state === "forwarded") return at ? `${place}, written ${formatExact(at)}` : place;
  const words = state === "due" ? "not written yet" : "refused";
  return `${place}, ${words}${cause ? `: ${cause}` : ""}`;
}

function wordsOfDiscard({ discarded, reason }: DeadLetterView): string {
  return discarded ? `Discarded by ${discarded.by}, ${formatMoment(discarded.at)}: ${reason}` : `Discarded: ${reason}`;
}
