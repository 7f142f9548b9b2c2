"use client";

import { CornerDownRight } from "lucide-react";
import Link from "next/link";
import { shortenCause } from "@/flow/shorten-cause";
import type { ParkedSummary } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { Button } from "../ui/button";
import { ChooseAll, toggleChosen } from "../ui/choose-all";
import { formatExact } from "../ui/formats";
import { RelativeTime, useNow } from "../ui/relative-time";
import { Checkbox } from "../ui/switch";
import { Table, Td, Th, Tr } from "../ui/table";
import { Dot } from "../ui/tag";
import { wordsOfAttempts, wordsOfNextTry } from "./parked-words";

/** Messages that wait, those of a key under their first. */
export function ParkedTable({
  messages,
  chosen,
  onChoose,
  showFlow,
  acts,
}: {
  messages: readonly ParkedSummary[];
  /** Of several flows. */
  showFlow: boolean;
  chosen: ReadonlySet<string>;
  onChoose(chosen: ReadonlySet<string>): void;
  /** Absent when the role does not allow it. */
  acts?: { tryNow(id: string): void; giveUp(id: string): void } | undefined;
}) {
  const open = messages.filter(({ givenUp }) => !givenUp).map(({ id }) => id);
  return (
    <Table className="table-fixed bg-surface">
      <thead>
        <tr>
          {acts ? (
            <Th className="w-10">
              <ChooseAll label="Choose all that are shown" ids={open} chosen={chosen} onChoose={onChoose} />
            </Th>
          ) : null}
          <Th className="w-56">Next try</Th>
          <Th className="w-32">Key</Th>
          <Th className={showFlow ? "w-48" : "w-28"}>{showFlow ? "Flow and node" : "Node"}</Th>
          <Th className="w-24" align="right">
            Attempts
          </Th>
          <Th>Cause of the last</Th>
          <Th className="w-28">Waits since</Th>
          {acts ? (
            <Th className="w-44">
              <span className="sr-only">Actions</span>
            </Th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {messages.map((message) => (
          <ParkedRow
            key={message.id}
            message={message}
            chosen={chosen.has(message.id)}
            onToggle={(on) => onChoose(toggleChosen(chosen, message.id, on))}
            showFlow={showFlow}
            acts={acts}
          />
        ))}
      </tbody>
    </Table>
  );
}

function ParkedRow({
  message,
  chosen,
  onToggle,
  showFlow,
  acts,
}: {
  message: ParkedSummary;
  showFlow: boolean;
  chosen: boolean;
  onToggle(on: boolean): void;
  acts: { tryNow(id: string): void; giveUp(id: string): void } | undefined;
}) {
  const { id, key, position, dueAt, behind, givenUp, runs, runId } = message;
  const { tone, words } = wordsOfNextTry(message, useNow() || Date.now());
  const name = key ?? position;
  // What it waits behind stands at its next try already.
  const cause = message.attempts === 0 ? "Not tried yet" : <InlineCode text={shortenCause(message.causeMessage)} />;
  return (
    <Tr selected={chosen}>
      {acts ? (
        <Td>{givenUp ? null : <Checkbox label={`Choose ${name}`} checked={chosen} onCheckedChange={onToggle} />}</Td>
      ) : null}
      <Td title={dueAt ? `Due ${formatExact(dueAt)}` : undefined}>
        <span className="flex items-center gap-2" suppressHydrationWarning>
          {behind && !givenUp ? (
            <CornerDownRight className="size-3 shrink-0 text-faint" aria-hidden />
          ) : (
            <Dot tone={tone} />
          )}
          <span className={behind ? "truncate text-muted" : "truncate"}>{words}</span>
        </span>
      </Td>
      <Td className="font-mono text-12" title={`${message.lane} @ ${position}`}>
        {key ?? <span className="font-sans text-faint">no key</span>}
      </Td>
      <Td>
        {showFlow ? (
          <>
            {message.flow} <span className={`text-12 ${chosen ? "text-muted" : "text-faint"}`}>· {message.node}</span>
          </>
        ) : (
          message.node
        )}
      </Td>
      <Td align="right" className="font-mono text-12">
        {wordsOfAttempts(message)}
      </Td>
      <Td className="text-12 text-muted" title={`${message.causeMessage} (${message.causeCode})`}>
        {runId ? (
          <Link href={`/runs/${runId}`} className="hover:underline" prefetch={false}>
            {cause}
          </Link>
        ) : (
          cause
        )}
      </Td>
      <Td className="text-muted">
        <RelativeTime date={message.createdAt} />
      </Td>
      {acts ? (
        <Td align="right" className="!overflow-visible">
          {givenUp ? null : (
            <span className="inline-flex gap-1">
              <Button size="sm" variant="ghost" disabled={!runs} onClick={() => acts.tryNow(id)}>
                Try now
              </Button>
              <Button size="sm" variant="ghost" onClick={() => acts.giveUp(id)}>
                Give up…
              </Button>
            </span>
          )}
        </Td>
      ) : null}
    </Tr>
  );
}
